"""What tests/bench/run is made of: agents to weigh, things to measure, a tally of wanted and got."""
