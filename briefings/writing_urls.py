"""Addresses of those who write: drafts on their way, bureaus and audiences."""

from django.urls import path

from .views import audiences, passing, writing

urlpatterns = [
    path("drafts/", writing.drafts, name="drafts"),
    path("drafts/start/", writing.start, name="draft_start"),
    path("drafts/correct/<uuid:briefing>/", writing.correct, name="draft_correct"),
    path("drafts/<uuid:draft>/", writing.draft, name="draft"),
    path("drafts/<uuid:draft>/save/", writing.save, name="draft_save"),
    path("drafts/<uuid:draft>/preview/", writing.preview, name="draft_preview"),
    path("drafts/<uuid:draft>/audience/", passing.audience, name="draft_audience"),
    path("drafts/<uuid:draft>/reach/", passing.reach, name="draft_reach"),
    path("drafts/<uuid:draft>/submit/", passing.submit, name="draft_submit"),
    path("drafts/<uuid:draft>/review/", passing.review, name="draft_review"),
    path("drafts/<uuid:draft>/take-back/", passing.take_back, name="draft_take_back"),
    path("drafts/<uuid:draft>/drop/", passing.drop, name="draft_drop"),
    path("bureaus/", audiences.bureaus, name="bureaus"),
    path("bureaus/open/", audiences.open_bureau, name="bureau_open"),
    path("bureaus/<uuid:bureau>/", audiences.bureau, name="bureau"),
    path("audiences/", audiences.audiences, name="audiences"),
    path("audiences/list/", audiences.open_list, name="audience_list"),
    path("audiences/sector/", audiences.open_sector, name="audience_sector"),
    path("audiences/room/", audiences.for_room, name="audience_room"),
    path("audiences/everyone/", audiences.open_everyone, name="audience_everyone"),
    path("audiences/<uuid:audience>/refresh/", audiences.refresh, name="audience_refresh"),
]
