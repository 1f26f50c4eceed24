using System.Diagnostics;
using Xunit.Sdk;

namespace Sessions.SystemTests.Harness;

/// <summary>
/// Runs a program to its end and keeps what it says to itself. The test runner reads results from this process' standard
/// output, a line each, and drops a line that it can't read: a child that inherits it and begins a line ("performing
/// post-bootstrap initialization ... ") swallows the result of whatever test ends before it goes on.
/// </summary>
public static class QuietProgram
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    /// <summary>Runs it; fails the test unless it ends with 0.</summary>
    /// <exception cref="XunitException">It ended with another exit code, or not in two minutes.</exception>
    public static async Task Run(params string[] line)
    {
        (int exitCode, string said) = await Try(line);
        Assert.True(exitCode == 0, $"{string.Join(' ', line)} ended with {exitCode}: {said}");
    }

    /// <summary>Runs it and returns its exit code and what it said.</summary>
    /// <exception cref="XunitException">It did not end in two minutes; it has been killed.</exception>
    public static async Task<(int ExitCode, string Said)> Try(params string[] line)
    {
        ProcessStartInfo start = new(line[0], line[1..])
        {
            // A server account may not enter the caller's directory.
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{line[0]} could not be started.");
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Bound);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new XunitException($"{string.Join(' ', line)} did not end within {Bound.TotalSeconds} s.");
        }

        return (process.ExitCode, await output + await errors);
    }
}
