namespace Sessions.SystemTests.Traffic;

/// <summary>The failed attempts to send one batch.</summary>
public sealed class Refusals
{
    private const int LongestReason = 300;

    private readonly List<(TimeSpan Since, string Reason)> _all = [];

    /// <summary>How many there were.</summary>
    public int Count => _all.Count;

    /// <summary>Adds one.</summary>
    /// <param name="since">The time since the first attempt began.</param>
    /// <param name="reason">The answer, or the error when none came.</param>
    public void Add(TimeSpan since, string reason) => _all.Add((since, reason.Length > LongestReason ? reason[..LongestReason] : reason));

    /// <summary>How often each reason came, and when it came first and last.</summary>
    public override string ToString() => $"{Count} attempts failed; " + string.Join("; ", _all
        .GroupBy(refusal => refusal.Reason)
        .Select(same => $"{same.Count()} from {same.First().Since.TotalSeconds:0.0} to {same.Last().Since.TotalSeconds:0.0} s with \"{same.Key}\""));
}
