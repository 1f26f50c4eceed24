using System.Globalization;

namespace Sessions.Domain.Tests;

/// <summary>How often each law is tried.</summary>
internal static class Laws
{
    /// <summary>10,000 unless <c>SESSIONS_LAW_CASES</c> says more.</summary>
    public static long Cases { get; } = Math.Max(10_000, Asked());

    private static long Asked() =>
        long.TryParse(
            Environment.GetEnvironmentVariable("SESSIONS_LAW_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out long cases)
            ? cases
            : 0;
}
