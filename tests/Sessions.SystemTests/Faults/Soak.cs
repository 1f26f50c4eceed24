using System.Globalization;

namespace Sessions.SystemTests.Faults;

/// <summary>What the environment asks of the fault tests.</summary>
public static class Soak
{
    /// <summary>How long random faults are to go on; none when the tests are to be short. <c>./test --soak MINUTES</c> sets it.</summary>
    public static TimeSpan? Length { get; } = Number("SESSIONS_SOAK_MINUTES") is { } minutes ? TimeSpan.FromMinutes(minutes) : null;

    /// <summary>Whether there is time for the long forms.</summary>
    public static bool IsOn => Length is not null;

    /// <summary>Ends a test as skipped that has not been seen to pass on a machine of its own yet, unless there is time for the long forms.</summary>
    public static void OnlyInTheLongForm() =>
        Assert.SkipUnless(IsOn, "It runs in the long form only, until it has been seen to pass on a machine without other load.");

    /// <summary>Reproduces a failure that said this seed.</summary>
    public static int? Seed { get; } = Number("SESSIONS_FAULT_SEED");

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
