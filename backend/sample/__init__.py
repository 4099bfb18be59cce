"""The sample project: a generated clip, uploaded, prompted and propagated through the API as a person would.

Its masks come from the model, which answers stored prompts; what the clip's generator knows is not used.
"""
