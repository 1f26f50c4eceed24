using System.Diagnostics;

namespace Sessions.Run.Postgres;

/// <summary>Runs another program and waits for its end.</summary>
internal static class Command
{
    /// <summary>The result of a program: its exit code, and its output on both streams.</summary>
    internal sealed record Result(int ExitCode, string Output)
    {
        public bool Succeeded => ExitCode == 0;
    }

    /// <summary>
    /// Runs <paramref name="line"/> (the program and its arguments) with an empty standard input. On cancellation it
    /// kills the program and its child processes.
    /// </summary>
    public static async Task<Result> Run(IReadOnlyList<string> line, CancellationToken cancel = default)
    {
        ProcessStartInfo start = new(line[0], line.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The server's account may lack access to the caller's directory, and some tools insist on reading it.
            WorkingDirectory = "/",
        };
        using Process process = Process.Start(start)
            ?? throw new InvalidOperationException($"{line[0]} did not start.");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancel);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new Result(process.ExitCode, (await output + await errors).Trim());
    }

    /// <summary>Runs <paramref name="line"/>, and throws with its output when it fails.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not 0.</exception>
    public static async Task<string> RunChecked(IReadOnlyList<string> line, CancellationToken cancel = default)
    {
        Result result = await Run(line, cancel);
        return result.Succeeded
            ? result.Output
            : throw new InvalidOperationException(
                $"{Path.GetFileName(line[0])} failed with exit code {result.ExitCode}: {result.Output}");
    }
}
