using System.Globalization;

namespace Sessions.Domain.Tests;

/// <summary>How often each law is tried.</summary>
internal static class Laws
{
    /// <summary>10,000 unless <c>SESSIONS_LAW_CASES</c> says otherwise: <c>./test fast</c> asks for fewer.</summary>
    public static long Cases { get; } =
        long.TryParse(
            Environment.GetEnvironmentVariable("SESSIONS_LAW_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out long cases) && cases > 0
            ? cases
            : 10_000;
}
