//! File systems of a test's own: in memory, or on an image of a disk.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Bytes of a disk of which there is an image.
const IMAGE_BYTES: u64 = 128 * 1024 * 1024;

fn runs(command: &mut Command) -> bool {
    command.status().is_ok_and(|done| done.success())
}

/// A file system, which goes away with this.
pub(super) struct Mounted(pub(super) PathBuf);

impl Mounted {
    /// None where no file system can be mounted, which is said: then this was not tried.
    pub(super) fn new(place: &Path, what: &str) -> Option<Self> {
        let mount = ["-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs"];
        if runs(Command::new("mount").args(mount).arg(place)) {
            return Some(Self(place.to_owned()));
        }
        println!("SKIPPED: no file system can be mounted here, so {what} was not tried");
        None
    }

    /// The file system on an image of a disk, which is made where it is not there. Nothing is
    /// written to it but what a process has made durable, or what is half a minute old.
    pub(super) fn image(image: &Path, place: &Path, what: &str) -> Option<Self> {
        fs::create_dir_all(place).unwrap();
        let is_there = image.exists() || {
            fs::File::create(image).unwrap().set_len(IMAGE_BYTES).unwrap();
            runs(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image))
        };
        let mount = ["-t", "ext4", "-o", "loop,commit=300"];
        if is_there && runs(Command::new("mount").args(mount).args([image, place])) {
            return Some(Self(place.to_owned()));
        }
        println!("SKIPPED: no image of a disk can be mounted here, so {what} was not tried");
        None
    }

    /// From now on it can only be read, or be written again.
    pub(super) fn set_read_only(&self, is_read_only: bool) {
        let options = if is_read_only { "remount,ro" } else { "remount,rw" };
        assert!(runs(Command::new("mount").args(["-o", options]).arg(&self.0)));
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
