using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Backends;

/// <summary>The sample's game server with bots that play, as a process.</summary>
internal sealed class GameServer : IDisposable
{
    private const string Report = "report ";
    private const string Played = "played ";
    private const string Told = "turnout: ";
    private const string Address = "The game is on ";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static int s_started;

    private readonly Process _process;
    private readonly ProgramOutput _output;

    private GameServer(Process process, ProgramOutput output) => (_process, _output) = (process, output);

    /// <summary>Starts it beside a cluster, which it finds by the ready file.</summary>
    /// <param name="readyFile">What <c>./run --ready-file</c> writes.</param>
    /// <param name="bots">How many play.</param>
    /// <param name="settings">Environment variables.</param>
    public static GameServer Start(string readyFile, int bots, IReadOnlyDictionary<string, string>? settings = null)
    {
        string program = Path.Combine(
            Repository.Root, "artifacts", "bin", "Sessions.Samples.GameBackend", "release", "Sessions.Samples.GameBackend.dll");
        ProcessStartInfo start = new("dotnet", [program, "--ready-file", readyFile, "--bots", $"{bots}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        // Tests in other lanes start one as well: each has a file of its own.
        ProgramOutput output = new(Path.Combine(Repository.Artifacts("system-tests"), $"game-server-{Interlocked.Increment(ref s_started)}.log"));
        Process process = Process.Start(start)!;
        output.Follow(process);
        return new GameServer(process, output);
    }

    public async Task HavePlayed(int matches) => await Wait.For(
        async () => _process.HasExited || await PlayedSoFar() >= matches, () => $"No {matches} matches.{Environment.NewLine}{_output}", Bound);

    public async Task<int> PlayedSoFar() => (await _output.ReadAll()).Split('\n')
        .Where(line => line.StartsWith(Played, StringComparison.Ordinal))
        .Select(line => int.Parse(line[Played.Length..].Trim(), CultureInfo.InvariantCulture))
        .DefaultIfEmpty(0)
        .Max();

    /// <summary>What its operator reads about who comes and goes.</summary>
    public async Task<IReadOnlyList<string>> Turnout() => [.. (await _output.ReadAll()).Split('\n')
        .Where(line => line.StartsWith(Told, StringComparison.Ordinal))
        .Select(line => line[Told.Length..].Trim())];

    /// <summary>Has somebody play and leave at once, over the game's own HTTP.</summary>
    public async Task Visit(string player)
    {
        string said = (await _output.ReadAll()).Split('\n').Single(line => line.StartsWith(Address, StringComparison.Ordinal));
        using HttpClient http = new() { BaseAddress = new Uri(said[Address.Length..].Trim()) };
        using HttpResponseMessage joined = await http.PostAsync($"/players/{player}", null);
        joined.EnsureSuccessStatusCode();
        using HttpResponseMessage left = await http.DeleteAsync($"/players/{player}");
        left.EnsureSuccessStatusCode();
    }

    /// <summary>The bots finish their matches, leave, and say what they did.</summary>
    public async Task<IReadOnlyList<Player>> End()
    {
        _process.StandardInput.Close();
        await Wait.For(() => Task.FromResult(_process.HasExited), () => $"The game did not end.{Environment.NewLine}{_output}", Bound);
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, $"The game ended with {_process.ExitCode}.{Environment.NewLine}{_output}");
        string report = (await _output.ReadAll()).Split('\n').Single(line => line.StartsWith(Report, StringComparison.Ordinal));
        return JsonSerializer.Deserialize<Player[]>(report[Report.Length..], JsonSerializerOptions.Web)!;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _output.Dispose();
    }
}

/// <summary>What a bot says that it did.</summary>
internal sealed record Player(
    [property: System.Text.Json.Serialization.JsonPropertyName("player")] string Name,
    Guid SessionId,
    int Matches,
    int Moves,
    int EventsAtTheEnd,
    string? EndReason);
