using System.CommandLine;
using System.Globalization;
using System.Net;
using Sessions.Host;
using Sessions.Run.Projects;

namespace Sessions.Run;

/// <summary>Import a file's events into the running cluster.</summary>
internal sealed record ImportInvocation : Invocation
{
    /// <summary>Exported events or an access log.</summary>
    public string File { get; init; } = "";

    /// <summary>The id of the project that receives them.</summary>
    public string Project { get; init; } = "default";

    /// <summary>The data directory of the running cluster.</summary>
    public string Data { get; init; } = ".data";

    /// <summary>The address of the access log's site.</summary>
    public string? Site { get; init; }
}

/// <summary>Start everything and supervise it.</summary>
internal sealed record SuperviseInvocation : Invocation
{
    /// <summary>The first gateway's port; null means the configured one.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// The directory of all data that survives a restart. Default <c>.data</c> in the working directory.
    /// </summary>
    public string Data { get; init; } = ".data";

    /// <summary>The number of silo processes; 0 means silo and gateway in this process.</summary>
    public int Silos { get; init; }

    /// <summary>The number of gateway processes; 0 means silo and gateway in this process.</summary>
    public int Gateways { get; init; }

    /// <summary>The Postgres to use; null means a private one.</summary>
    public string? Postgres { get; init; }

    /// <summary>The file that is written when everything is ready.</summary>
    public string? ReadyFile { get; init; }

    /// <summary>Whether a demo project gets sample visitors.</summary>
    public bool Demo { get; init; }

    /// <summary>Whether the output names the files that hold keys and passwords in place of the secrets themselves.</summary>
    public bool HideSecrets { get; init; }
}

/// <summary>The arguments of <c>./run</c>.</summary>
/// <remarks>
/// System.CommandLine splits the arguments into options and values. The messages are ours: its own are in the language of
/// the machine, and one wrong argument can give several.
/// </remarks>
internal static class RunCommandLine
{
    /// <summary>What <c>--help</c> prints. The script <c>./run</c> prints it from this file, before anything is built.</summary>
    public const string HelpText =
        """
        Usage: ./run [OPTIONS]

        Starts Orleans.Sessions: silo, HTTP gateway, web pages and Orleans' dashboard, on a Postgres of its own.

          --port PORT          the port of the first gateway; default 8000
          --data DIR           the directory of all data; default .data in the repository
          --silos N            start a cluster of N silo processes, with one gateway unless --gateways is set
          --gateways N         start a cluster with N gateway processes; they use the ports from --port on
          --postgres CONN      use this Postgres (15 or newer) instead of a private one:
                               "Host=…;Database=…;Username=…;Password=…"
          --ready-file FILE    write addresses, token, key and processes to FILE as JSON when everything is ready
          --demo               add sample visitors in a project of their own
          --hide-secrets       print the files that hold keys and passwords, not the secrets; for output that goes to a log
          --version            print the version
          --help               print this help

        ./run import FILE      import past events into the running cluster, from an event export (PostHog's
                               or one of this product, as NDJSON or JSON arrays) or an access log of Apache or
                               nginx, also compressed with gzip. You can stop it and run it again: every event
                               counts once
          --project P          the project's id; default "default"
          --data DIR           the data directory of the running cluster; default .data in the repository
          --site URL           the address of the site that wrote the access log: https://example.org

        ./run projects list    list the projects of the running cluster
        ./run projects make ID make a project; prints its token and its API key, once
        ./run projects rename ID NAME
        ./run projects archive ID, ./run projects restore ID
                               take no more events, and take them again
        ./run projects delete ID
                               delete a project with everything in it, for good
          --name NAME          the name of the new project; default its id
          --confirm ID         the id of the project to delete, once more
          --data DIR           the data directory of the running cluster; default .data in the repository

        Settings are in silo-config/; environment variables override them: Sessions__IdleTimeout=00:30:00
        Ctrl-C or SIGTERM stops everything in order. Exit codes: 2 wrong arguments or configuration, 1 any other failure.
        """;

    private const int MostProcesses = 32;
    private const string ImportName = "import";

    private static readonly Option<int?> Port = Number("--port", IPEndPoint.MaxPort);
    private static readonly Option<int?> Silos = Number("--silos", MostProcesses);
    private static readonly Option<int?> Gateways = Number("--gateways", MostProcesses);
    private static readonly Option<string> Data = Text("--data");
    private static readonly Option<string> ReadyFile = Text("--ready-file");
    private static readonly Option<string> Site = Text("--site");
    private static readonly Option<string> Postgres = Text("--postgres", Host.CommandLine.ConnectionStringFault);
    private static readonly Option<string> Project = Text("--project", value => ProjectId.IsValid(value)
        ? null
        : $"'{value}' is not a valid project id: use 1 to {ProjectId.MaxLength} characters of a-z 0-9 - _");

    private static readonly Option<string> Name = Text("--name");
    private static readonly Option<string> Confirm = Text("--confirm");
    private static readonly Option<bool> Demo = Flag("--demo");
    private static readonly Option<bool> HideSecrets = Flag("--hide-secrets");
    private static readonly Option<bool> Version = Flag("--version");
    private static readonly Option<bool> Help = Flag("--help", "-h");
    private static readonly Argument<string[]> Files = new("FILE") { Arity = ArgumentArity.ZeroOrMore };
    private static readonly Argument<string[]> Words = new("ACTION") { Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Starts everything.</summary>
    internal static Command Supervise { get; } =
        new("run") { Port, Data, Silos, Gateways, Postgres, ReadyFile, Demo, HideSecrets, Version, Help };

    /// <summary>Imports past events.</summary>
    /// <remarks>It is no subcommand of the other: its name would then be no value of an option, as in <c>--data import</c>.</remarks>
    internal static Command Import { get; } = new(ImportName) { Files, Project, Data, Site, Help };

    /// <summary>Lists and changes projects.</summary>
    internal static Command Projects { get; } = new(ProjectsCommandLine.CommandName) { Words, Name, Confirm, Data, Help };

    // Without response files: a value may begin with an @.
    private static readonly ParserConfiguration Syntax = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    public static Invocation Parse(IReadOnlyList<string> arguments)
    {
        Command command = arguments switch
        {
            [ImportName, ..] => Import,
            [ProjectsCommandLine.CommandName, ..] => Projects,
            _ => Supervise,
        };
        ParseResult parsed = command.Parse(arguments, Syntax);
        return parsed.GetValue(Help) ? new Invocation.Help()
            : parsed.GetValue(Version) ? new Invocation.Version()
            : Fault(parsed) is { } fault ? new Invocation.Wrong(fault)
            : command == Import ? Imported(parsed)
            : command == Projects ? OfProjects(parsed)
            : Supervised(parsed);
    }

    /// <summary>What is wrong with the arguments, in one line; null when each by itself is right.</summary>
    private static string? Fault(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var unknown, ..] ? $"unknown argument '{unknown}'; see --help"
        : parsed.Errors is [var first, ..] ? first.Message
        : null;

    private static Invocation Supervised(ParseResult parsed)
    {
        SuperviseInvocation asked = new()
        {
            Port = parsed.GetValue(Port),
            Silos = parsed.GetValue(Silos) ?? 0,
            Gateways = parsed.GetValue(Gateways) ?? 0,
            Postgres = parsed.GetValue(Postgres),
            ReadyFile = parsed.GetValue(ReadyFile),
            Demo = parsed.GetValue(Demo),
            HideSecrets = parsed.GetValue(HideSecrets),
        };
        asked = asked with { Data = parsed.GetValue(Data) ?? asked.Data };
        if (asked is { Silos: 0, Gateways: 0 })
        {
            return asked;
        }

        // Either option makes it a cluster, which needs both a silo and a gateway.
        asked = asked with { Silos = Math.Max(1, asked.Silos), Gateways = Math.Max(1, asked.Gateways) };
        return asked.Port + asked.Gateways - 1 > IPEndPoint.MaxPort
            ? new Invocation.Wrong($"--port {asked.Port} is too high for {asked.Gateways} gateways: their last port would be above {IPEndPoint.MaxPort}")
            : asked;
    }

    private static Invocation Imported(ParseResult parsed)
    {
        string[] files = parsed.GetValue(Files) ?? [];
        // The library takes an unknown option for one more file.
        if (Array.Find(files, file => file.StartsWith("--", StringComparison.Ordinal)) is { } unknown)
        {
            return new Invocation.Wrong($"unknown argument '{unknown}' of import; see --help");
        }

        ImportInvocation asked = new() { Site = parsed.GetValue(Site) };
        return files switch
        {
            [] => new Invocation.Wrong("import needs a file: ./run import FILE --project P"),
            [var file] => asked with
            {
                File = file,
                Project = parsed.GetValue(Project) ?? asked.Project,
                Data = parsed.GetValue(Data) ?? asked.Data,
            },
            [var first, var second, ..] => new Invocation.Wrong($"import takes one file, not '{first}' and '{second}'"),
        };
    }

    private static Invocation OfProjects(ParseResult parsed)
    {
        Invocation read = ProjectsCommandLine.Read(parsed.GetValue(Words) ?? [], parsed.GetValue(Name), parsed.GetValue(Confirm));
        return read is ProjectsInvocation asked ? asked with { Data = parsed.GetValue(Data) ?? asked.Data } : read;
    }

    private static Option<bool> Flag(string name, params string[] aliases) => new(name, aliases) { Arity = ArgumentArity.Zero };

    private static Option<int?> Number(string name, int most) => Value<int?>(name, value =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? null
            : $"{name} needs a number from 1 to {most}, not '{value}'");

    private static Option<string> Text(string name, Func<string, string?>? fault = null) =>
        Value<string>(name, value => fault?.Invoke(value) is { } found ? $"{name}: {found}" : null);

    /// <summary>An option with one value. Given several times, as <c>./run</c> does with its own <c>--data</c> first, the last one counts.</summary>
    private static Option<T> Value<T>(string name, Func<string, string?> fault)
    {
        // A missing value is no error of the arity, so that the validator says what is wrong.
        Option<T> option = new(name) { Arity = ArgumentArity.ZeroOrOne, AllowMultipleArgumentsPerToken = true };
        option.Validators.Add(given =>
        {
            bool hasValues = given.Tokens.Count == given.IdentifierTokenCount && !string.IsNullOrWhiteSpace(given.Tokens[^1].Value);
            if ((hasValues ? fault(given.Tokens[^1].Value) : $"{name} needs a value") is { } wrong)
            {
                given.AddError(wrong);
            }
        });
        return option;
    }
}
