using System.Globalization;
using System.Text.RegularExpressions;

namespace Sessions.Run.Postgres;

/// <summary>Finds the newest suitable Postgres server on this machine.</summary>
internal sealed partial class PostgresBinaries
{
    /// <summary>The oldest suitable version: our tables need <c>nulls not distinct</c>.</summary>
    public const int OldestVersion = 15;

    private readonly string _directory;

    private PostgresBinaries(string directory, int version)
    {
        _directory = directory;
        Version = version;
    }

    /// <summary>The server's major version.</summary>
    public int Version { get; }

    public string InitDb => Path.Combine(_directory, "initdb");

    public string PgCtl => Path.Combine(_directory, "pg_ctl");

    public string PgControlData => Path.Combine(_directory, "pg_controldata");

    /// <summary>
    /// Looks in Debian's directories and on the search path. A cluster that exists already is only opened by
    /// binaries of its own major version.
    /// </summary>
    /// <exception cref="InvalidOperationException">No suitable version is installed.</exception>
    public static async Task<PostgresBinaries> Find(int? version, CancellationToken cancel)
    {
        List<(int Version, string Directory)> found = [];
        foreach (string directory in Candidates().Distinct())
        {
            string server = Path.Combine(directory, "postgres");
            if (File.Exists(server)
                && File.Exists(Path.Combine(directory, "initdb"))
                && VersionNumber().Match((await Command.Run([server, "--version"], cancel)).Output) is { Success: true } match)
            {
                found.Add((int.Parse(match.ValueSpan, CultureInfo.InvariantCulture), directory));
            }
        }

        (int Version, string Directory)[] best = [.. found
            .Where(candidate => candidate.Version >= OldestVersion && (version is null || candidate.Version == version))
            .OrderByDescending(candidate => candidate.Version)
            .Take(1)];
        return best is [var newest]
            ? new PostgresBinaries(newest.Directory, newest.Version)
            : throw new InvalidOperationException(version is null
                ? $"No Postgres server of version {OldestVersion} or newer is installed; on Debian: apt-get install postgresql"
                : $"The data directory was created by Postgres {version}, which is not installed; on Debian: apt-get install postgresql-{version}");
    }

    private static IEnumerable<string> Candidates()
    {
        const string Debian = "/usr/lib/postgresql";
        IEnumerable<string> debian = Directory.Exists(Debian)
            ? Directory.EnumerateDirectories(Debian).Select(version => Path.Combine(version, "bin"))
            : [];
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path);
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex VersionNumber();
}
