"""Statistics of paired ratings: pure functions on tables of counts and arrays.

statsmodels and scipy where they have it; Gwet's AC2, Tango's interval, BCa and Obuchowski-Rockette are ours. The tests
hold all of them to published figures.
"""
