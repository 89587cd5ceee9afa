//! Scenes: one thing that somebody could do, with what they send, what it costs whom it is sent
//! to, and the bound that has to hold.
//!
//! Each prints its figure.

mod admission;
mod bodies;
mod damage;
mod documents;
mod flood;
mod forks;
mod homes;
mod liars;
mod neighbours;
mod outsiders;
mod shares;
mod telling;

pub(crate) use liars::{claims_nothing, no_frames};

/// What a scene came to.
pub(crate) struct Figure {
    /// What was sent, what it cost, and what it may.
    says: String,
    holds: bool,
}

impl Figure {
    fn new(holds: bool, says: String) -> Self {
        Self { says, holds }
    }
}

fn judge(figure: &Figure) {
    println!("{}", figure.says);
    assert!(figure.holds, "{}", figure.says);
}

/// Makes a test of each scene.
macro_rules! scenes {
    ($($name:ident: $scene:path;)*) => {
        $(#[test]
        fn $name() {
            judge(&$scene());
        })*
    };
}

scenes! {
    edits_that_change_nothing_cost_little: documents::empty_edits;
    nobody_fills_the_history_of_anothers_need: documents::filled_history;
    a_full_document_is_an_error_and_never_changed: documents::full_says_changed;
    a_name_is_a_row_whatever_its_past: flood::renamings;
    words_that_wait_cost_nothing_later: flood::waiting_words;
    an_author_has_a_share_of_a_charter: flood::charter_share;
    an_author_has_a_share_of_the_content: flood::content_share;
    proposals_for_one_knock_are_linear: admission::proposals;
    proposals_cost_others_nothing_later: admission::proposals_later;
    tallies_are_not_kept_many_times_over: admission::kept_tallies;
    an_invite_is_for_a_hundred_at_most: admission::endless_invite;
    who_knocks_is_told_that_the_ticket_ended: admission::ended_ticket;
    a_withdrawn_ticket_is_refused_at_every_door: admission::withdrawn_ticket;
    a_fresh_post_is_in_the_feed_whatever_the_year: telling::far_stamps;
    a_list_says_what_is_unread: telling::unread_in_lists;
    a_full_disk_is_no_busy_loop: telling::full_disk;
    a_key_that_came_is_kept: homes::full_when_the_key_comes;
    a_peer_has_one_name: telling::borrowed_peer_id;
    no_address_of_this_machine_is_taken_from_others: telling::false_addresses;
    an_address_where_another_answers_is_forgotten: telling::borrowed_address;
    members_are_introduced_by_a_draw: neighbours::introductions;
    in_a_large_group_all_are_introduced: neighbours::many;
    a_post_is_at_everybodys_in_four_hops_and_few_copies: neighbours::hops_and_copies;
    two_halves_that_were_cut_for_a_day_find_each_other: neighbours::halves;
    an_outsider_is_told_nothing_of_a_space: outsiders::hello;
    an_outsider_cannot_tell_whether_a_space_is_here: outsiders::same_silence;
    a_knock_is_told_no_members_before_a_vouch: outsiders::knock;
    who_knocked_gets_in_whichever_contact_goes_away: admission::contact_goes_away;
    who_has_heard_of_being_let_in_tells_who_has_not: admission::not_heard;
    a_card_lets_in_only_whose_peer_id_it_is: outsiders::outsider_on_card;
    two_knocks_with_one_key_split_no_charter: forks::two_knocks;
    two_entries_at_one_place_split_no_charter: forks::charter_fork;
    two_entries_at_one_place_split_no_content: forks::content_fork;
    what_others_answer_is_read_however_often_a_log_branches: forks::many_branches;
    who_forwards_cannot_take_bodies_away: bodies::blanked;
    a_copied_home_loses_nothing: homes::copied;
    a_restored_home_loses_nothing: homes::restored;
    garbage_ends_a_session_and_costs_nothing: liars::garbage;
    a_second_answer_ends_a_session_and_costs_nothing: liars::answers_twice;
    a_changed_entry_is_refused: liars::changed_entry;
    what_an_outsider_receipts_counts_nothing: liars::receipts;
    who_claims_to_have_all_still_gets_what_follows: liars::claims_all;
}
