"""The clearance officer's pages; the marking builder and one's own authorisations."""

from django.urls import path

from .views import authorisations, certifications, limits, organisations, own, people, registers

app_name = "clearance"

urlpatterns = [
    path("", registers.overview, name="overview"),
    path("mine/", own.mine, name="mine"),
    path("marking/", own.builder, name="builder"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add, name="person_add"),
    path("people/<uuid:person>/", people.person, name="person"),
    path("people/<uuid:person>/change/", people.change, name="person_change"),
    path("people/<uuid:person>/invite/", people.invite, name="person_invite"),
    path("people/<uuid:person>/lock/", people.lock, name="person_lock"),
    path("people/<uuid:person>/factors/", people.revoke_factors, name="person_factors"),
    path("people/<uuid:person>/grant/", authorisations.grant, name="grant"),
    path("authorisations/<uuid:authorisation>/suspend/", authorisations.suspend, name="authorisation_suspend"),
    path("authorisations/<uuid:authorisation>/resume/", authorisations.resume, name="authorisation_resume"),
    path("authorisations/<uuid:authorisation>/revoke/", authorisations.revoke, name="authorisation_revoke"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/add/", organisations.add, name="organisation_add"),
    path("organisations/<uuid:organisation>/", organisations.organisation, name="organisation"),
    path("organisations/<uuid:organisation>/change/", organisations.change, name="organisation_change"),
    path("organisations/<uuid:organisation>/record/", certifications.record, name="certification_add"),
    path("organisations/<uuid:organisation>/foreign-control/", organisations.foreign_control, name="foreign_control"),
    path("certifications/<uuid:certification>/suspend/", certifications.suspend, name="certification_suspend"),
    path("certifications/<uuid:certification>/resume/", certifications.resume, name="certification_resume"),
    path("certifications/<uuid:certification>/revoke/", certifications.revoke, name="certification_revoke"),
    path("ending/", registers.ending, name="ending"),
    path("codes/", registers.codes, name="codes"),
    path("codes/compartments/add/", registers.add_compartment, name="compartment_add"),
    path("codes/release-groups/add/", registers.add_release_group, name="release_group_add"),
    path("statutory/", registers.statutory, name="statutory"),
    path("statutory/<uuid:person>/", registers.statutory_person, name="statutory_person"),
    path("statutory/<uuid:person>/add/", authorisations.assess, name="assess"),
    path("handlers/", registers.handlers, name="handlers"),
    path("handlers/<uuid:item>/", registers.register, name="register"),
    path("handlers/entries/<uuid:entry>/strike/", registers.strike, name="strike"),
    path("limits/", limits.limits, name="limits"),
    path("limits/<uuid:person>/ask/", limits.ask, name="limit_ask"),
    path("limits/lifts/<uuid:lift>/answer/", limits.answer, name="limit_answer"),
]
