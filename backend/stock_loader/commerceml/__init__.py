"""Reads CommerceML stock documents; lxml, no Django."""
