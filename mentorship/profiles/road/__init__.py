"""The road map: what usually comes next at a stage, by when, and what somebody makes of it."""
