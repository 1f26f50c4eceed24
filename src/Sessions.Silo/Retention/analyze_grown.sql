select tracking.analyze_grown()
