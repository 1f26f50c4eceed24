using System.Diagnostics;
using Sessions.Host.Roles;

namespace Sessions.Host.Supervision;

/// <summary>What a child process is to be.</summary>
/// <param name="Role">Silo or gateway.</param>
/// <param name="Name">Its name among the supervisor's children.</param>
/// <param name="Settings">What the supervisor decides of its configuration, as environment variables.</param>
internal sealed record ChildSpec(string Role, string Name, IReadOnlyDictionary<string, string> Settings);

/// <summary>One life of a child: this program again, with a role.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<string> _seeLine;
    private string _lastError = "";

    private ChildProcess(Process process, Action<string> seeLine)
    {
        _process = process;
        _seeLine = seeLine;
        Exited = WaitForExit();
    }

    public int Id => _process.Id;

    /// <summary>Done when it is at work; never when it ends before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Done when it has ended, with its exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>The last it said on standard error.</summary>
    public string LastError => _lastError;

    /// <summary>Starts it. It gets every line that the child writes.</summary>
    public static ChildProcess Start(ChildSpec spec, Action<string> seeLine)
    {
        // In a session of its own: Ctrl-C goes to the supervisor alone, which stops its children in order.
        ProcessStartInfo start = new(
            "setsid",
            [Environment.ProcessPath!, .. HostedByDotnet(), spec.Role, CommandLine.SupervisedFlag])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in spec.Settings)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{spec.Name} did not start.");
        return new ChildProcess(process, seeLine);
    }

    /// <summary>Asks it to stop in order.</summary>
    public void AskToStop()
    {
        try
        {
            _process.StandardInput.WriteLine(RoleProcess.StopLine);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has just ended by itself.
        }
    }

    /// <summary>Asks it to stop, and ends it when it takes longer than that.</summary>
    public async Task Stop(TimeSpan most, StopPatience patience)
    {
        AskToStop();
        if (!await patience.Wait(Exited, most))
        {
            _process.Kill();
            await Exited;
        }
    }

    public void Dispose() => _process.Dispose();

    private async Task<int> WaitForExit()
    {
        await Task.WhenAll(Follow(_process.StandardOutput, isError: false), Follow(_process.StandardError, isError: true));
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private async Task Follow(StreamReader stream, bool isError)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            if (!isError && line == RoleProcess.ReadyLine)
            {
                _ready.TrySetResult();
                continue;
            }

            if (isError && line.Length > 0)
            {
                _lastError = line;
            }

            _seeLine(line);
        }
    }

    /// <summary>The dll to run when this program is one that <c>dotnet</c> runs; nothing when it is an executable.</summary>
    private static string[] HostedByDotnet() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ChildProcess).Assembly.Location] : [];
}
