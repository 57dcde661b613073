"""Addresses. None holds more than a random token."""

from django.urls import path

from app.reading.study.pages import case, consensus, lead, session, volumes

urlpatterns = [
    path("", session.start, name="start"),
    path("closed/", session.closed, name="closed"),
    path("enter/<str:link>/", session.enter, name="enter"),
    path("leave/", session.leave, name="leave"),
    path("display/", session.display, name="display"),
    path("break/", session.pause, name="pause"),
    path("case/", case.show, name="case"),
    path("case/<str:token>/draft/", case.draft, name="draft"),
    path("case/<str:token>/answer/", case.answer, name="answer"),
    path("feedback/<str:token>/", case.feedback, name="feedback"),
    path("volume/<str:token>/<int:brick>/", volumes.brick, name="brick"),
    path("consensus/", consensus.listing, name="consensus"),
    path("consensus/<str:token>/", consensus.show, name="consensus-case"),
    path("consensus/<str:token>/answer/", consensus.answer, name="consensus-answer"),
    path("lead/", lead.dashboard, name="lead"),
    path("lead/lock/", lead.lock_study, name="lock"),
    path("lead/report/", lead.report, name="report"),
    path("lead/report/<str:name>", lead.report_file, name="report-file"),
]
