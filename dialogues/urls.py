"""The screens of rooms."""

from django.urls import path

from clearance.screens import polled

from .views import finding, invitations, members, rooms, threads

app_name = "dialogues"

urlpatterns = [
    path("", rooms.index, name="index"),
    path("open/", rooms.open_room, name="open"),
    path("search/", finding.search, name="search"),
    path("invitations/<uuid:invitation>/", invitations.invitation, name="invitation"),
    path("<uuid:room>/", rooms.room, name="room"),
    path("<uuid:room>/token", polled(rooms.token), name="token"),
    path("<uuid:room>/rename/", rooms.rename, name="rename"),
    path("<uuid:room>/archive/", rooms.archive, name="archive"),
    path("<uuid:room>/threads/start/", threads.start, name="start"),
    path("<uuid:room>/threads/<uuid:thread>/", threads.thread, name="thread"),
    path("<uuid:room>/threads/<uuid:thread>/token", polled(threads.token), name="thread_token"),
    path("<uuid:room>/messages/<uuid:message>/withdraw/", threads.withdraw, name="withdraw"),
    path("<uuid:room>/members/", members.members, name="members"),
    path("<uuid:room>/members/invite/", members.invite, name="invite"),
    path("<uuid:room>/members/<uuid:member>/role/", members.role, name="role"),
    path("<uuid:room>/members/<uuid:member>/remove/", members.remove, name="remove"),
    path(
        "<uuid:room>/invitations/<uuid:invitation>/withdraw/", members.withdraw_invitation, name="withdraw_invitation"
    ),
    path("<uuid:room>/organisations/<uuid:organisation>/", members.organisation, name="organisation"),
    path(
        "<uuid:room>/organisations/<uuid:organisation>/remove/",
        members.remove_organisation,
        name="remove_organisation",
    ),
    path("<uuid:room>/handlers/<uuid:handler>/strike/", members.strike, name="strike"),
    path("<uuid:room>/leave/", members.leave, name="leave"),
]
