"""What may be said of many without exposing one (docs/adr/0024).

`rule` states the thresholds, `asking` what may be asked about, `judging` decides, `verdicts` is the answer, `wording`
how it is written; `services` keeps what was told, so that everything told later is checked against it.
"""
