"""The field's own words: kinds of mentor, stages of training, interests, application cycles.

Pure values, no tables. Everything above may use them; they use nothing of ours.
"""
