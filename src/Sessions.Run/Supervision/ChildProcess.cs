using System.Diagnostics;
using Sessions.Host;
using Sessions.Host.Roles;

namespace Sessions.Run.Supervision;

/// <summary>Describes a child process.</summary>
/// <param name="Role">Silo or gateway.</param>
/// <param name="Name">Its name among the supervisor's children.</param>
/// <param name="Settings">The settings that the supervisor chose, as environment variables.</param>
internal sealed record ChildSpec(string Role, string Name, IReadOnlyDictionary<string, string> Settings);

/// <summary>One run of a child: this program again, with a role.</summary>
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

    /// <summary>Completes when the child is ready; never if it ends before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when the child has ended, with its exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Its last line on standard error.</summary>
    public string LastError => _lastError;

    /// <summary>Starts the child. <paramref name="seeLine"/> receives every line that it writes.</summary>
    public static ChildProcess Start(ChildSpec spec, Action<string> seeLine)
    {
        // In a session of its own: Ctrl-C reaches the supervisor alone, which stops its children in order.
        ProcessStartInfo start = new(
            "setsid",
            [.. HostProgram(), spec.Role, CommandLine.SupervisedFlag])
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

    /// <summary>Asks the child to stop in order.</summary>
    public void AskToStop()
    {
        try
        {
            _process.StandardInput.WriteLine(RoleProcess.StopLine);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // The child has just ended.
        }
    }

    /// <summary>Asks the child to stop, and kills it when the stop takes too long.</summary>
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

    /// <summary>
    /// The command that starts Sessions.Host: by <c>dotnet</c> or as an executable beside this one, as this program
    /// itself was started.
    /// </summary>
    private static string[] HostProgram()
    {
        string library = typeof(RoleProcess).Assembly.Location;
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, library]
            : [Path.ChangeExtension(library, null)];
    }
}
