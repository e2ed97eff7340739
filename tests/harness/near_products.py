"""The classes of fault found in the products nearest to this one, and the tests that show each absent here."""

HERE = "tests/harness/test_near_products.py::"
ATTACKS = "tests/harness/test_attacks.py::"
CLASSES: dict[str, tuple[str, ...]] = {
    "search skips the read check": (
        HERE + "test_whatever_is_asked_for_brings_no_word",
        ATTACKS + "test_search_filters_and_counts_find_what_one_may_read_and_nothing_besides",
    ),
    "removed member still lists": (
        ATTACKS + "test_a_removed_member_lists_counts_polls_and_reopens_nothing",
        "tests/harness/test_sequences.py::test_every_page_of_everybody_follows_what_happens",
    ),
    "authorise A, mutate B": (
        HERE + "test_what_one_runs_leads_to_nothing_of_another_room",
        HERE + "test_an_id_in_a_form_reaches_nothing_that_is_not_offered",
        ATTACKS + "test_a_thread_or_message_under_another_rooms_address_is_not_there",
    ),
    "view right accepted for edit": (ATTACKS + "test_whoever_only_reads_changes_nothing",),
    "a new endpoint unchecked": (
        HERE + "test_hidden_and_missing_answer_alike_to_every_verb_and_header",
        "tests/harness/test_route_matrix.py::test_each_url_stands_in_the_table_once_and_the_table_names_no_other",
        "tests/harness/test_row_level_security_alone.py::"
        "test_with_the_decision_switched_off_nothing_foreign_comes_through",
    ),
    "thumbnail or attachment endpoint open": (
        HERE + "test_hidden_and_missing_answer_alike_to_every_verb_and_header",
        ATTACKS + "test_files_images_and_ranges_of_them_are_as_closed_as_the_document",
    ),
    "relations reveal hidden neighbours": (ATTACKS + "test_neighbours_of_what_one_reads_stay_hidden",),
    "counts and facets": (
        "tests/harness/test_non_interference.py::test_answers_do_not_depend_on_what_is_hidden",
        "tests/harness/test_row_level_security_alone.py::"
        "test_counts_and_pages_are_then_the_same_whether_or_not_there_is_something",
    ),
    "autocomplete as existence oracle": (
        HERE + "test_no_form_tells_a_member_of_a_firm_who_has_an_account",
        "tests/dialogues/test_membership.py::test_an_unknown_address_and_a_person_not_to_be_known_give_the_same_answer",
    ),
    "e-mail with content": (
        "tests/harness/test_canary.py::test_no_mail_carries_a_word",
        ATTACKS + "test_mail_and_the_log_carry_no_content",
    ),
    "history or audit view leaks": (
        HERE + "test_whatever_is_asked_for_brings_no_word",
        "tests/audit/test_pages.py::test_what_is_not_shown_is_not_found_either",
    ),
    "export ignores the marking": (
        "tests/audit/test_pages.py::test_the_export_holds_what_the_page_shows_and_is_an_event",
        ATTACKS + "test_mail_and_the_log_carry_no_content",
    ),
    "event stream context": (
        HERE + "test_a_poll_tells_nothing_of_what_is_hidden",
        "tests/dialogues/test_unread.py::test_the_token_moves_with_what_this_reader_may_see",
    ),
    "read receipts as metadata": (ATTACKS + "test_who_read_what_is_told_to_the_keepers_of_the_document_alone",),
    "stale cache or session after revocation": (
        HERE + "test_what_a_browser_kept_is_not_confirmed_after_the_revocation",
        ATTACKS + "test_a_session_open_at_the_time_ends_with_the_account_the_authorisation_and_the_proof",
    ),
    "lingering grants": (ATTACKS + "test_what_was_given_by_name_ends_at_its_time_and_at_once_when_struck",),
    "shared HTTP cache": (
        HERE + "test_no_answer_to_somebody_signed_in_may_be_kept_for_another",
        ATTACKS + "test_no_page_of_somebody_signed_in_is_kept_by_a_cache",
    ),
    "organisation admin escalation": (
        HERE + "test_no_office_but_the_officers_changes_the_registers",
        "tests/dialogues/test_membership.py::test_the_contact_of_one_firm_names_nobody_of_another",
    ),
    "invitation bound to the wrong identity": (ATTACKS + "test_an_invitation_is_its_addressees_alone_and_serves_once",),
    "OTP without a limit": ("tests/accounts/test_limits.py::test_codes_cannot_be_guessed_without_limit",),
    "several markings evaluated as OR": (
        ATTACKS + "test_each_compartment_of_a_marking_is_asked_for_not_one_of_them",
        "tests/clearance/test_access_property.py::test_decide_visible_to_and_row_level_security_agree",
    ),
    '"everyone" as default': (ATTACKS + "test_nothing_is_for_everyone_unless_it_is_said",),
    "feed cursor usable by another reader": (
        HERE + "test_the_cursor_of_any_list_serves_its_reader_alone",
        ATTACKS + "test_a_cursor_serves_its_reader_alone",
    ),
    "member directory scraping": (
        HERE + "test_no_page_lists_people_to_whom_they_are_not_known",
        "tests/accounts/test_own_pages.py::test_no_page_of_anybody_lists_people_beyond_their_own_organisation",
    ),
}  # fmt: skip
