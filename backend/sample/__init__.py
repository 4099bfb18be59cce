"""The sample project: a clip drawn here, uploaded, prompted and propagated over the API as a person would.

Its masks come from the model replaying stored prompts; what the clip's generator knows is not used.
"""
