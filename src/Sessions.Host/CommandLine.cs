using System.Globalization;
using System.Net;
using Npgsql;

namespace Sessions.Host;

/// <summary>What somebody asks of the program.</summary>
internal abstract record Invocation
{
    /// <summary>Print what there is to ask for.</summary>
    internal sealed record Help : Invocation;

    /// <summary>Say by the exit code whether an address answers.</summary>
    internal sealed record Health(Uri Address) : Invocation;

    /// <summary>Print which build it is.</summary>
    internal sealed record Version : Invocation;

    /// <summary>The arguments make no sense; <paramref name="Reason"/> is one line for a person.</summary>
    internal sealed record Wrong(string Reason) : Invocation;

    /// <summary>Be one process of a cluster.</summary>
    /// <param name="Name">One of <see cref="CommandLine.Roles"/>.</param>
    /// <param name="Supervised">Whether standard input is a line to a supervisor.</param>
    internal sealed record Role(string Name, bool Supervised) : Invocation;

    /// <summary>Bring a file's events into what runs.</summary>
    internal sealed record Import : Invocation
    {
        /// <summary>Exported events or an access log.</summary>
        public string File { get; init; } = "";

        /// <summary>The id of the project that gets them.</summary>
        public string Project { get; init; } = "default";

        /// <summary>The data directory of what runs.</summary>
        public string Data { get; init; } = ".data";

        /// <summary>The address of the site whose access log it is.</summary>
        public string? Site { get; init; }
    }

    /// <summary>Start everything and look after it.</summary>
    internal sealed record Supervise : Invocation
    {
        /// <summary>The first gateway's port; null means the configured one.</summary>
        public int? Port { get; init; }

        /// <summary>Where everything that is to survive is kept. Default <c>.data</c>, where it was started.</summary>
        public string Data { get; init; } = ".data";

        /// <summary>How many silo processes; 0 means silo and gateway in this one.</summary>
        public int Silos { get; init; }

        /// <summary>How many gateway processes; 0 means silo and gateway in this one.</summary>
        public int Gateways { get; init; }

        /// <summary>The Postgres to use; null means a private one.</summary>
        public string? Postgres { get; init; }

        /// <summary>Where to write that everything is up.</summary>
        public string? ReadyFile { get; init; }

        /// <summary>Whether made-up visitors are to come, to a project of their own.</summary>
        public bool Demo { get; init; }
    }
}

/// <summary>The program's arguments.</summary>
internal static class CommandLine
{
    public const string Silo = "silo";
    public const string Gateway = "gateway";
    public const string Migrate = "migrate";
    public const string Import = "import";
    public const string Health = "health";
    public const string SupervisedFlag = "--supervised";

    public const string HelpText =
        """
        Usage: ./run [OPTIONS]

        Starts Orleans.Sessions: silo, HTTP gateway, web pages and Orleans' dashboard, on a Postgres of its own.

          --port PORT          where the (first) gateway answers; default 8000
          --data DIR           where everything is kept; default .data in the repository
          --silos N            a cluster: N silo processes, and one gateway unless --gateways says otherwise
          --gateways N         a cluster: N gateway processes on the ports from --port on
          --postgres CONN      use this Postgres (15 or newer) instead of a private one:
                               "Host=…;Database=…;Username=…;Password=…"
          --ready-file FILE    write addresses, token, key and processes there as JSON once all is up
          --demo               made-up visitors come to a project of their own, so that there is something to see
          --version            print which build this is
          --help               print this

        ./run import FILE      brings events of the past into what runs: an event export (PostHog's or its own:
                               NDJSON, JSON arrays) or an access log of Apache or nginx; gzip is undone. May be
                               stopped and called again: every event counts once
          --project P          the project's id; default "default"
          --data DIR           the data directory of what runs
          --site URL           the site whose access log it is: https://example.org

        Settings are in silo-config/; environment variables override them: Sessions__IdleTimeout=00:30:00
        Ctrl-C or SIGTERM stops everything in order. Exit codes: 2 wrong arguments or configuration, 1 any other failure.
        """;

    private const int MostProcesses = 32;

    /// <summary>The roles that one process of a cluster can have.</summary>
    public static IReadOnlyList<string> Roles { get; } = [Silo, Gateway, Migrate];

    public static Invocation Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0 && Roles.Contains(arguments[0]))
        {
            return ParseRole(arguments);
        }

        if (arguments.Count > 0 && arguments[0] == Health)
        {
            return arguments.Count == 2 && Uri.TryCreate(arguments[1], UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttp
                ? new Invocation.Health(address)
                : new Invocation.Wrong("health takes one address such as http://127.0.0.1:9464/health/ready");
        }

        if (arguments.Count > 0 && arguments[0] == Import)
        {
            return ParseImport([.. arguments.Skip(1)]);
        }

        Invocation.Supervise asked = new();
        for (int at = 0; at < arguments.Count; at++)
        {
            string name = arguments[at];
            if (name is "--help" or "-h")
            {
                return new Invocation.Help();
            }

            if (name == "--version")
            {
                return new Invocation.Version();
            }

            if (name == "--demo")
            {
                asked = asked with { Demo = true };
                continue;
            }

            // Both "--port 8000" and "--port=8000".
            string? value = null;
            if (name.StartsWith("--", StringComparison.Ordinal) && name.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals)
            {
                (name, value) = (name[..equals], name[(equals + 1)..]);
            }

            if (!Takers.TryGetValue(name, out Func<Invocation.Supervise, string, Invocation>? take))
            {
                return new Invocation.Wrong($"unknown argument '{name}'; --help lists what there is");
            }

            value ??= ++at < arguments.Count ? arguments[at] : null;
            if (string.IsNullOrWhiteSpace(value))
            {
                return new Invocation.Wrong($"{name} needs a value");
            }

            Invocation taken = take(asked, value);
            if (taken is not Invocation.Supervise more)
            {
                return taken;
            }

            asked = more;
        }

        return Complete(asked);
    }

    private static readonly Dictionary<string, Func<Invocation.Supervise, string, Invocation>> Takers = new()
    {
        ["--port"] = (asked, value) => Number("--port", value, IPEndPoint.MaxPort, port => asked with { Port = port }),
        ["--silos"] = (asked, value) => Number("--silos", value, MostProcesses, count => asked with { Silos = count }),
        ["--gateways"] = (asked, value) => Number("--gateways", value, MostProcesses, count => asked with { Gateways = count }),
        ["--data"] = (asked, value) => asked with { Data = value },
        ["--ready-file"] = (asked, value) => asked with { ReadyFile = value },
        ["--postgres"] = (asked, value) => ConnectionStringFault(value) is { } fault
            ? new Invocation.Wrong($"--postgres: {fault}")
            : asked with { Postgres = value },
    };

    /// <summary>What is wrong with a connection string, for a person; null when it can be used.</summary>
    public static string? ConnectionStringFault(string connectionString)
    {
        try
        {
            NpgsqlConnectionStringBuilder parsed = new(connectionString);
            return string.IsNullOrWhiteSpace(parsed.Host) || string.IsNullOrWhiteSpace(parsed.Database)
                ? "a connection string needs at least Host and Database, as in \"Host=db;Database=sessions;Username=…;Password=…\""
                : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or NotSupportedException)
        {
            return $"no connection string that Npgsql understands, such as \"Host=db;Database=sessions;Username=…;Password=…\"";
        }
    }

    private static Invocation ParseImport(string[] arguments)
    {
        Invocation.Import asked = new();
        for (int at = 0; at < arguments.Length; at++)
        {
            string name = arguments[at];
            if (name is "--help" or "-h")
            {
                return new Invocation.Help();
            }

            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                if (asked.File.Length > 0)
                {
                    return new Invocation.Wrong($"import takes one file, not '{asked.File}' and '{name}'");
                }

                asked = asked with { File = name };
                continue;
            }

            string value = ++at < arguments.Length ? arguments[at] : "";
            if (name is not ("--project" or "--data" or "--site"))
            {
                return new Invocation.Wrong($"unknown argument '{name}' of import; --help lists what there is");
            }

            if (string.IsNullOrWhiteSpace(value))
            {
                return new Invocation.Wrong($"{name} needs a value");
            }

            asked = name switch
            {
                "--project" => asked with { Project = value },
                "--data" => asked with { Data = value },
                _ => asked with { Site = value },
            };
        }

        return asked.File.Length == 0 ? new Invocation.Wrong("import needs a file: ./run import FILE --project P")
            : !ProjectId.IsValid(asked.Project) ? new Invocation.Wrong($"--project: '{asked.Project}' is no project id: 1 to {ProjectId.MaxLength} characters of a-z 0-9 - _")
            : asked;
    }

    private static Invocation ParseRole(IReadOnlyList<string> arguments) => arguments.Skip(1).ToArray() switch
    {
        [] => new Invocation.Role(arguments[0], Supervised: false),
        [SupervisedFlag] => new Invocation.Role(arguments[0], Supervised: true),
        [var other, ..] => new Invocation.Wrong($"'{arguments[0]}' takes no argument '{other}': roles read silo-config and the environment"),
    };

    private static Invocation Complete(Invocation.Supervise asked)
    {
        if (asked is { Silos: 0, Gateways: 0 })
        {
            return asked;
        }

        // One of the two alone makes it a cluster, which needs both.
        asked = asked with { Silos = Math.Max(1, asked.Silos), Gateways = Math.Max(1, asked.Gateways) };
        return asked.Port + asked.Gateways - 1 > IPEndPoint.MaxPort
            ? new Invocation.Wrong($"--port {asked.Port} leaves no room for {asked.Gateways} gateways below port {IPEndPoint.MaxPort + 1}")
            : asked;
    }

    private static Invocation Number(string name, string value, int most, Func<int, Invocation> take) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? take(number)
            : new Invocation.Wrong($"{name} takes a number from 1 to {most}, not '{value}'");
}
