using Npgsql;
using Sessions.Database.Connections;

namespace Sessions.Host;

/// <summary>The command that a program was started with.</summary>
internal abstract record Invocation
{
    /// <summary>Print the help text.</summary>
    internal sealed record Help : Invocation;

    /// <summary>Call an address, and report by the exit code whether it answers with success.</summary>
    internal sealed record Health(Uri Address) : Invocation;

    /// <summary>Make the authority and the certificate of a cluster.</summary>
    /// <param name="Directory">Gets what the processes need.</param>
    /// <param name="Authority">Has the authority and its key.</param>
    internal sealed record Certificates(string Directory, string Authority) : Invocation;

    /// <summary>Print the version of this build.</summary>
    internal sealed record Version : Invocation;

    /// <summary>The arguments are wrong; <paramref name="Reason"/> is one line for the user.</summary>
    internal sealed record Wrong(string Reason) : Invocation;

    /// <summary>Run one process of a cluster.</summary>
    /// <param name="Name">One of <see cref="CommandLine.Roles"/>.</param>
    /// <param name="Supervised">Whether a supervisor controls the process through standard input.</param>
    internal sealed record Role(string Name, bool Supervised) : Invocation;
}

/// <summary>Parses the arguments of the program that containers run.</summary>
internal static class CommandLine
{
    public const string Silo = "silo";
    public const string Gateway = "gateway";
    public const string Columns = "columns";
    public const string Migrate = "migrate";
    public const string SupervisedFlag = "--supervised";

    public const string HelpText =
        """
        Usage: Sessions.Host ROLE

          silo                 run a silo, which holds the grains
          gateway              run a gateway, which answers HTTP: capture, API, pages
          columns              run the process that holds sessions and events by columns, for questions
          migrate              update the database to this version's schema, then exit
          certificates DIRECTORY [AUTHORITY]
                               make or renew the certificate of a cluster's processes; its authority's key
                               is in AUTHORITY, by default DIRECTORY/authority
          health URL           exit with 0 if the address answers with success, else with 1
          --version            print the version
          --help               print this help

        Settings are in silo-config/; environment variables override them: Sessions__IdleTimeout=00:30:00
        Exit codes: 2 wrong arguments or configuration, 1 any other failure. To run everything on one machine, see "./run --help".
        """;

    private const string HealthCommand = "health";
    private const string CertificatesCommand = "certificates";

    /// <summary>The roles of a process in a cluster.</summary>
    public static IReadOnlyList<string> Roles { get; } = [Silo, Gateway, Columns, Migrate];

    public static Invocation Parse(IReadOnlyList<string> arguments) => arguments switch
    {
        ["--help" or "-h", ..] => new Invocation.Help(),
        ["--version"] => new Invocation.Version(),
        [var role, ..] when Roles.Contains(role) => ParseRole(arguments),
        [HealthCommand, var address] when Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttp =>
            new Invocation.Health(uri),
        [CertificatesCommand, var directory] => new Invocation.Certificates(directory, Path.Combine(directory, "authority")),
        [CertificatesCommand, var directory, var authority] => new Invocation.Certificates(directory, authority),
        [CertificatesCommand, ..] => new Invocation.Wrong("certificates needs a directory, and takes a second one for the authority"),
        [HealthCommand, ..] => new Invocation.Wrong("health needs one address, for example http://127.0.0.1:9464/health/ready"),
        [var other, ..] => new Invocation.Wrong($"unknown argument '{other}'; see --help"),
        [] => new Invocation.Wrong("a role is missing: silo, gateway, columns or migrate; see --help"),
    };

    /// <summary>Explains to the user what is wrong with a connection string; null when it is valid.</summary>
    public static string? ConnectionStringFault(string connectionString)
    {
        try
        {
            NpgsqlConnectionStringBuilder parsed = new(connectionString);
            return string.IsNullOrWhiteSpace(parsed.Host) || string.IsNullOrWhiteSpace(parsed.Database)
                ? "a connection string needs at least Host and Database, for example \"Host=db;Database=sessions;Username=…;Password=…\""
                : PostgresAddress.Fault(parsed);
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or NotSupportedException)
        {
            return $"Npgsql can't parse the connection string; it looks like \"Host=db;Database=sessions;Username=…;Password=…\"";
        }
    }

    private static Invocation ParseRole(IReadOnlyList<string> arguments) => arguments.Skip(1).ToArray() switch
    {
        [] => new Invocation.Role(arguments[0], Supervised: false),
        [SupervisedFlag] => new Invocation.Role(arguments[0], Supervised: true),
        [var other, ..] => new Invocation.Wrong($"'{arguments[0]}' takes no argument '{other}': roles read their settings from silo-config and the environment"),
    };
}
