"""Answers clicks and boxes on a frame from the features of the trunk."""
