using System.Diagnostics;

namespace Sessions.SystemTests.Harness;

/// <summary>One process of a cluster as a container runs it: the program with a role, and its settings in the environment.</summary>
public sealed class RoleProcess : IDisposable
{
    private const string ReadyLine = "ready";
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopBound = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly ProgramOutput _output;

    private bool _isDisposed;

    private RoleProcess(string name, Process process, ProgramOutput output) =>
        (Name, _process, _output, Pid) = (name, process, output, process.Id);

    /// <summary>The program as this repository's build makes it.</summary>
    public static string Built => Path.Combine(Repository.Root, "artifacts", "bin", "Sessions.Host", "release", "Sessions.Host.dll");

    public string Name { get; }

    public int Pid { get; }

    public bool HasExited => _isDisposed || _process.HasExited;

    /// <summary>The last that it said.</summary>
    public string Output => _output.ToString();

    /// <summary>Starts it.</summary>
    /// <param name="arguments">The role, or another command.</param>
    /// <param name="name">Names it in the logs under artifacts/system-tests.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="program">The program's dll; by default <see cref="Built"/>.</param>
    /// <param name="before">What the command line begins with; it must become the program, so that the process is the same.</param>
    public static RoleProcess Start(
        string[] arguments, string name, IReadOnlyDictionary<string, string> settings, string? program = null, string[]? before = null)
    {
        string[] line = [.. before ?? [], "dotnet", program ?? Built, .. arguments];
        ProcessStartInfo start = new(line[0], line[1..])
        {
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string variable, string value) in settings)
        {
            start.Environment[variable] = value;
        }

        ProgramOutput output = new(Path.Combine(Repository.Artifacts("system-tests"), $"{name}.log"));
        Process process = Process.Start(start)!;
        output.Follow(process);
        return new RoleProcess(name, process, output);
    }

    /// <summary>Ends it without a chance to sign off, and waits until it is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits until it says that it is at work.</summary>
    public Task IsAtWork() => Wait.For(
        async () => HasExited
            ? throw new Xunit.Sdk.XunitException($"{Name} ended with {_process.ExitCode}.{Environment.NewLine}{_output}")
            : (await _output.ReadAll()).Split('\n').Contains(ReadyLine),
        () => $"{Name} is not at work.{Environment.NewLine}{_output}",
        StartBound);

    /// <summary>Waits until it ends, and returns its exit code.</summary>
    public async Task<int> Ends(TimeSpan? bound = null)
    {
        await Wait.For(() => Task.FromResult(HasExited), () => $"{Name} did not end.{Environment.NewLine}{_output}", bound ?? StopBound);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, as whoever runs containers stops them; the exit code must be 0.</summary>
    public async Task Stop()
    {
        Signals.Term(Pid);
        int exitCode = await Ends();
        Assert.True(exitCode == 0, $"{Name} ended with {exitCode} on SIGTERM.{Environment.NewLine}{_output}");
    }

    /// <summary>All that it said.</summary>
    public Task<string> WholeOutput() => _output.ReadAll();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _isDisposed = true;
        _process.Dispose();
        _output.Dispose();
    }
}
