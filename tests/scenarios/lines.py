"""What the five situations ask of the library, line by line: the scene that proves it, or the work.

A line is named by its situation, its number and, where one part of it works before another, a
letter. `docs/explanation/situations.md` tells the same to people, and `test_lines.py` holds both to
what there is.
"""

from __future__ import annotations

import attrs

DURABLE = "Durable work and real hosts"
ON_CALL = "On call and escalation"
TALK = "Communication"
WORKS = (DURABLE, ON_CALL, TALK)
"""The works that bring what does not work yet."""

A = "test_a_database_at_night"
B = "test_b_ransomware"
C = "test_c_monday_callers"
P = "test_c_problem_half"
D = "test_d_maintenance"
E = "test_e_adoption"
G = "test_e_by_degrees"


@attrs.frozen
class Line:
    """One claim: the scenes that prove it as `module::function`, or the work that brings it."""

    id: str
    says: str
    tests: tuple[str, ...] = ()
    work: str = ""


def proved(id_: str, says: str, module: str, *functions: str) -> Line:
    """A line that scenes of one module prove."""
    return Line(id_, says, tuple(f"{module}::test_{each}" for each in functions))


def awaited(id_: str, says: str, work: str) -> Line:
    """A line that a work is to bring."""
    return Line(id_, says, (), work)


LINES = (
    # --- A: the database at night ---------------------------------------------------------------
    proved("A1a", "A severe alert that no rule matches opens a candidate and pages the fallback.",
           A, "with_nothing_configured_a_severe_alert_pages"),
    proved("A1b", "Lint says who is paged while nobody is named.",
           A, "lint_says_who_is_paged_while_nobody_is_named"),
    proved("A2", "400 alerts are one incident, each with its reason; the first page goes at once.",
           A, "four_hundred_alerts_are_one_incident_and_each_says_why"),
    proved("A3", "While the own store is away, what comes in is spooled, an emergency list is "
           "paged, and afterwards both are brought together.",
           A, "while_the_own_store_is_away_nothing_is_lost_and_somebody_is_woken"),
    awaited("A4a", "The escalation policy is found in one explained order.", ON_CALL),
    proved("A4b", "An alert of an unknown service still ends at a human.",
           A, "a_service_that_nobody_knows_still_ends_at_a_human"),
    awaited("A5a", "In the hour that the clock change repeats both on call are paged.", ON_CALL),
    proved("A5b", "The first to acknowledge leads, whoever acknowledges next.",
           A, "two_answer_and_the_first_one_leads"),
    proved("A5c", "Every time that is shown carries its offset.",
           A, "every_time_that_is_shown_carries_its_offset"),
    proved("A6a", "Who does not answer in time is joined by the fallback.",
           A, "who_does_not_answer_is_joined_by_the_next"),
    awaited("A6b", "A ladder of levels with people on rotation is climbed on time.", ON_CALL),
    proved("A6c", "Whatever its holder does renews an acknowledgement.",
           A, "whatever_the_holder_does_keeps_the_acknowledgement"),
    proved("A7", "What clears unacknowledged rests the ladder, a re-fire goes on with it, and what "
           "stays quiet waits for the morning.",
           A, "what_clears_before_anybody_looked_waits_for_the_morning"),
    awaited("A8a", "A service that joins later gets one request to its own people on call.",
            ON_CALL),
    proved("A8b", "Who works on it already is not paged again by it.",
           A, "who_works_on_it_is_not_paged_again_by_one_service_more"),
    proved("A9", "The first acknowledger leads for now; a proposed major pages the duty, has a "
           "clock, is accepted when nobody answers and begins its stages; five minutes without a "
           "commander or a lead for communications are an alarm.",
           A, "a_proposed_major_has_a_clock_and_is_accepted_when_nobody_answers",
           "a_major_that_nobody_leads_is_an_alarm_after_five_minutes"),
    proved("A10", "A handover is offered, briefed and accepted; bridge and chat room are on the "
           "record; the situation report goes to who works on it.",
           A, "it_is_handed_over_with_a_brief_and_keeps_its_bridge",
           "a_proposed_major_has_a_clock_and_is_accepted_when_nobody_answers"),
    proved("A11", "When a fix does not hold, the work goes on and the public state goes back.",
           A, "a_fix_that_does_not_hold_takes_the_public_state_back"),
    proved("A12", "Open alerts, tasks or children need a stated reason to resolve it.",
           A, "open_ends_need_an_override_to_resolve_it",
           "children_that_stay_open_need_an_override_too"),
    # --- B: ransomware --------------------------------------------------------------------------
    proved("B1a", "One incident has several aspects, at any time, with their fields.",
           B, "one_incident_has_many_sides_and_more_come_at_any_time"),
    proved("B1b", "Impact is judged by dimension, with counts known, estimated or unknown.",
           B, "impact_is_known_estimated_or_unknown_in_each_dimension"),
    proved("B2a", "Decisions are records, also those against something.",
           B, "to_decide_against_it_is_a_decision"),
    proved("B2b", "Aware, declared and classified are instants of their own.",
           B, "aware_declared_and_classified_are_instants_of_their_own"),
    proved("B2c", "A merge keeps the earliest of them.",
           B, "a_merge_keeps_the_earlier_of_both_instants"),
    awaited("B3a", "Channels that were broken into are left out for this incident.", TALK),
    awaited("B3b", "Lock screens show a code name, and a page above a channel's ceiling goes out "
            "in neutral words.", TALK),
    proved("B4a", "Danger to life is a journaled fact that only some may state, never read out of "
           "words, and it owes a review.",
           B, "danger_to_life_is_a_fact_that_somebody_may_state_and_it_owes_a_review"),
    awaited("B4b", "It breaks through quiet hours and caps.", ON_CALL),
    proved("B5a", "A label is a TLP level and compartments; lowering it needs a reason.",
           B, "a_label_is_a_level_and_compartments_and_lowering_it_needs_a_reason"),
    awaited("B5b", "What goes out stays within the ceiling of the channel and the clearance of "
            "the reader.", TALK),
    proved("B5c", "Reading what stands under a strict label is written down.",
           B, "reading_what_stands_under_a_strict_label_is_written_down"),
    proved("B6a", "Evidence has a hash, a label and a custody.",
           B, "evidence_has_a_hash_a_label_and_a_custody"),
    proved("B6b", "A legal hold keeps off redaction and closing by itself, and says why.",
           B, "a_legal_hold_keeps_it_and_says_why"),
    proved("B6c", "It keeps off retention, too.",
           B, "a_legal_hold_keeps_off_retention_too"),
    proved("B7a", "A duty to a regulator is a task with an owner, a due time and its proof.",
           B, "a_duty_to_a_regulator_is_a_task_with_an_owner_a_time_and_its_proof"),
    awaited("B7b", "It is a delivery by hand, with the clock of its law.", TALK),
    awaited("B8", "Audiences hear in an order, some under embargo; what the press asks is on the "
            "record, with what may be said.", TALK),
    awaited("B9", "A release derives a weaker fact for the public.", TALK),
    proved("B10", "What was decided by rule can be decided again from the journal.",
           B, "every_reason_of_it_can_be_decided_again"),
    # --- C: login slowness ----------------------------------------------------------------------
    proved("C1a", "Thirty callers are thirty reports of one incident, and each is told.",
           C, "thirty_callers_are_one_incident_and_each_of_them_is_told"),
    proved("C1b", "Each may confirm or reject the resolution; a no reopens.",
           C, "one_confirms_and_one_says_no_and_that_reopens_it"),
    proved("C1c", "A note stays inside, a reply goes out.",
           C, "a_note_stays_inside_and_a_reply_goes_out"),
    proved("C1d", "The caller's answer ends a wait for the caller.",
           C, "the_callers_answer_ends_the_wait_for_them"),
    proved("C2a", "Resolving needs a code and a remedy; the cause may be unknown.",
           C, "it_ends_without_a_known_cause_but_not_without_a_remedy"),
    proved("C2b", "A major without a problem proposes one.",
           C, "a_major_without_a_problem_proposes_one"),
    proved("C2c", "So do repeats, and both ends of the links know.",
           P, "resolving_needs_code_and_remedy_and_repeats_propose_a_problem",
           "the_problem_has_its_incidents_and_both_ends_know"),
    proved("C3a", "Known errors, similar and recurring incidents and changes of the last day are "
           "suggested, scored and explained.",
           C, "what_may_help_is_scored_and_explained"),
    proved("C3b", "Nothing from under a stricter label is among them.",
           C, "what_stands_under_a_stricter_label_is_not_suggested"),
    proved("C4", "A known error is published, gains a workaround, stays in force through fixing "
           "and verifying, and its use is counted.",
           P, "a_known_error_gains_a_workaround_and_stays_in_force_and_its_use_is_counted"),
    proved("C5a", "A change fixes it; a matching incident says that the fix does not hold.",
           P, "a_change_fixes_it_and_a_matching_incident_raises_fix_not_holding"),
    proved("C5b", "After four quiet Mondays it is resolved with those that wait, and their "
           "reporters hear it.",
           P, "four_quiet_mondays_resolve_it_and_"
           "the_waiting_incidents_and_their_reporters_hear_it"),
    # --- D: planned maintenance -----------------------------------------------------------------
    proved("D1a", "One maintenance goes from planned to completed.",
           D, "from_planned_to_completed"),
    proved("D1b", "The lead time of each audience is checked when it is planned.",
           D, "lead_times_are_linted_when_it_is_planned"),
    awaited("D1c", "Lead times count business days of the audience's own calendar.", TALK),
    proved("D2a", "Only what is named and expected is held back; anything else pages.",
           D, "only_what_is_named_and_expected_is_held_back"),
    proved("D2b", "That ends with the planned end, unless it is extended.",
           D, "suppression_ends_with_the_end_even_if_no_worker_runs",
           "an_extension_in_time_is_announced_and_holds_on",
           "a_late_extension_leaves_alone_what_was_raised"),
    proved("D2c", "Nothing is dropped: it is kept, counted, and decided again at the end.",
           D, "nothing_is_dropped", "what_still_fires_at_the_end_is_decided_again"),
    proved("D3a", "Before the planned end somebody is asked.",
           D, "before_the_planned_end_somebody_is_asked"),
    proved("D3b", "Past it the owner is paged and an incident is proposed that began then.",
           D, "past_the_end_the_owner_is_paged_and_an_incident_proposed"),
    proved("D3c", "Targets and availability count only the overrun.",
           D, "availability_counts_only_the_overrun",
           "the_targets_of_the_overrun_know_nothing_of_the_planned_hour"),
    awaited("D3d", "The status page shows one entry for both.", TALK),
    proved("D3e", "Each subscriber gets one message.", D, "each_subscriber_gets_one_message"),
    awaited("D4", "Texts are approved by locale; one that is not ready holds up no other.", TALK),
    proved("D5", "A real status history gives the window of the work, not of the announcement.",
           D, "the_window_is_from_in_progress_to_completed_not_from_the_announcement"),
    # --- E: adoption ----------------------------------------------------------------------------
    proved("E1", "A condition enrols tickets, for good; modes compute, advise or act.",
           G, "the_first_answer_stands_whatever_the_rules_become",
           "shadow_computes_everything_and_sends_nothing_and_no_mode_sends_it_later",
           "advice_is_a_draft_that_a_person_lets_go",
           "the_shadow_report_says_what_would_have_happened"),
    proved("E2a", "A past with open tickets comes in with clocks dated back, and sends nothing.",
           E, "a_past_and_what_is_open_come_in_and_wake_nobody"),
    proved("E2b", "A ticket in mid-life is taken over by one call.",
           G, "a_ticket_in_mid_life_is_taken_over_by_one_call"),
    proved("E3a", "One table says who owns which field.",
           G, "one_table_says_who_has_the_last_word_on_a_field",
           "what_the_host_wrote_without_having_seen_ours_is_the_earlier_writer"),
    proved("E3b", "A move that the rules do not have is kept with its reason when a past is "
           "brought in.",
           E, "a_move_that_our_rules_do_not_have_is_kept_with_its_reason"),
    proved("E3c", "The same while both systems run.",
           G, "a_move_of_the_ticket_against_our_rules_is_kept_and_never_refused"),
    proved("E3d", "Private notes do not flow outward.", E, "what_is_private_stays_inside"),
    proved("E4a", "Ticket and incident change in one transaction of the host.",
           E, "a_ticket_and_its_incident_change_in_one_transaction"),
    proved("E4b", "What is refused leaves nothing, and observers hear only of what was committed.",
           E, "what_is_refused_leaves_nothing_and_nobody_is_told_of_it"),
    proved("E5a", "The host's number is the reference, its users are names that mean nothing.",
           E, "the_hosts_number_is_the_reference_and_its_people_are_only_names"),
    proved("E5b", "With its directory down, pages use the last good contacts and say so.",
           E, "with_its_directory_away_pages_go_where_people_were_last"),
    proved("E5c", "The same where the directory is only slow.",
           G, "a_directory_that_hangs_holds_up_no_page_and_a_restart_forgets_nobody"),
    proved("E6", "Several workers on one SQLite file get a typed error with two ways out.",
           E, "four_workers_on_one_sqlite_file_are_told_the_two_ways_out"),
    proved("E7", "A scope is let go again with clocks, pages and promises cancelled; the journal "
           "stays: from ten per cent to all to none.",
           G, "from_ten_per_cent_to_all_and_back_to_none"),
)  # fmt: skip
