"""Tests of the project itself: its shape, its promises about form, its documentation."""
