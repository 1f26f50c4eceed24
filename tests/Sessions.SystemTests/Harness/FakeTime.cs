namespace Sessions.SystemTests.Harness;

/// <summary>
/// A process whose clock is wrong: Debian's <c>faketime</c> tells it another time of day, and leaves alone the clock that
/// measures how long something takes. The tests' own clock and Postgres' stay right.
/// </summary>
public static class FakeTime
{
    /// <summary>Environment variables of a process whose clock is off by so much: <c>+400d</c>, <c>-1h</c>.</summary>
    /// <remarks>The test counts as skipped where faketime is missing and can't be installed.</remarks>
    public static IReadOnlyDictionary<string, string> By(string offset) => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library ?? throw Missing(),
        ["FAKETIME"] = offset,
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
    };

    /// <summary>Environment variables of a process whose clock is off by what a file says, and steps when the file changes.</summary>
    public static IReadOnlyDictionary<string, string> From(string file) => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library ?? throw Missing(),
        ["FAKETIME_TIMESTAMP_FILE"] = file,
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["NO_FAKE_STAT"] = "1",
    };

    /// <summary>Whether clocks can be faked here.</summary>
    public static bool IsThere => Library is not null;

    // Debian's places of it. A search of all directories would follow links, and some of them go round in a circle.
    private static string? Library { get; } = new[] { "/usr/lib" }
        .Concat(Directory.Exists("/usr/lib") ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu*") : [])
        .Select(directory => Path.Combine(directory, "faketime", "libfaketimeMT.so.1"))
        .FirstOrDefault(File.Exists);

    /// <summary>Ends the test as skipped.</summary>
    public static Exception Missing()
    {
        Assert.Skip("faketime is missing; install it with: apt-get install faketime");
        return new InvalidOperationException("It is not skipped.");
    }
}
