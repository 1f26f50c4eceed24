namespace Sessions.SystemTests.Harness;

/// <summary>
/// A process whose clock is wrong: Debian's <c>faketime</c> tells it another time of day, and leaves alone the clock that
/// measures how long something takes. The tests' own clock and Postgres' stay right.
/// </summary>
public static class FakeTime
{
    /// <summary>Environment variables of a process whose clock is off by so much: <c>+400d</c>, <c>-1h</c>.</summary>
    /// <remarks>The test counts as skipped where faketime is missing and can't be installed.</remarks>
    public static IReadOnlyDictionary<string, string> By(string offset)
    {
        string? library = Directory.Exists("/usr/lib")
            ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
                .FirstOrDefault()
            : null;
        Assert.SkipWhen(library is null, "faketime is missing; install it with: apt-get install faketime");
        return new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library!,
            ["FAKETIME"] = offset,
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
    }
}
