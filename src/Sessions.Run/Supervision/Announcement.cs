using Npgsql;
using Sessions.Database.Connections;
using Sessions.Host;
using Sessions.Web.Projects;

namespace Sessions.Run.Supervision;

/// <summary>The text that a supervisor prints when everything is ready.</summary>
internal static class Announcement
{
    /// <summary>
    /// Composes the text. The user's own project comes last, because that is what people see first in a terminal: its link and
    /// its snippet.
    /// </summary>
    /// <param name="ready">The content of the ready file.</param>
    /// <param name="ticket">A ticket that signs in once.</param>
    /// <param name="demo">The access to the demo's project; null without a demo.</param>
    /// <param name="logs">The directory of the logs.</param>
    /// <param name="files">The files that the text names in place of secrets; null when it may contain them.</param>
    public static string Compose(ReadyFile ready, string ticket, DemoAccess? demo, string logs, SecretFiles? files = null)
    {
        string first = ready.Gateways[0];
        string gateways = string.Join(" ", ready.Gateways);
        string metrics = ready.Metrics.Count == 0
            ? "set Telemetry__Port to have them on a port of their own"
            : string.Join(" ", ready.Metrics.Select(process => process.Address));
        return $"""

            Orleans.Sessions {ProductVersion.Number} is ready. Ctrl-C stops everything in order.

              gateways       {gateways}
              dashboard      {first}/dashboard
              operator key   {Key(ready.OperatorKey, "operator_key", files)} (makes projects, opens the dashboard)
              backends       "cluster" in the --ready-file
              metrics        {metrics}
              logs           {logs}

            {(demo is null ? "No visitors yet?  ./run --demo adds sample visitors in a project of their own." : Demo(first, demo, files))}

            YOUR PROJECT

              project token  {ready.ProjectToken}
              API key        {Key(ready.ApiKey, "api_key", files)}
              SQL            psql "{PostgresUri(ready.PostgresReader, files?.Passwords)}"

            Paste this before </head> of a page; its visits appear on {first}/live:

            {WebSnippet.Of(first, ready.ProjectToken)}

            Sign in to your project (once, within 10 minutes; later with a key):

              {first}/signin?ticket={ticket}

            """;
    }

    private static string Demo(string first, DemoAccess demo, SecretFiles? files) =>
        $"""
            DEMO: sample visitors, in a project of their own

              project token  {demo.Token}
              API key        {Key(demo.ApiKey, "demo_api_key", files)}
              SQL            psql "{PostgresUri(demo.Reader, files?.Passwords)}"
              sign in        {first}/signin?ticket={demo.Ticket} (once, within 10 minutes; later with the API key)
            """;

    private static string Key(string key, string name, SecretFiles? files) =>
        files is null ? key : $"\"{name}\" in {files.Secrets}";

    /// <summary>The connection string in the form that psql accepts.</summary>
    /// <param name="connectionString">Npgsql's form.</param>
    /// <param name="passwords">The file from which psql reads the password; null when the text may contain it.</param>
    public static string PostgresUri(string connectionString, string? passwords = null)
    {
        NpgsqlConnectionStringBuilder parsed = new(connectionString);
        string passFile = passwords is null ? "" : $"passfile={Uri.EscapeDataString(passwords)}";
        string parameters = string.Join('&', new[] { Tls(parsed), Target(parsed), passFile }.Where(text => text.Length > 0));
        string password = passwords is null ? $":{Uri.EscapeDataString(parsed.Password ?? "")}" : "";
        return $"postgresql://{Uri.EscapeDataString(parsed.Username ?? "")}{password}"
            + $"@{PostgresAddress.HostsOf(parsed)}/{Uri.EscapeDataString(parsed.Database ?? "")}{(parameters.Length == 0 ? "" : $"?{parameters}")}";
    }

    // Of several hosts psql takes the first one that can be written, as the program does.
    private static string Target(NpgsqlConnectionStringBuilder parsed) =>
        PostgresAddress.HasSeveralHosts(parsed) ? "target_session_attrs=read-write" : "";

    private static string Tls(NpgsqlConnectionStringBuilder parsed) => parsed.SslMode switch
    {
        SslMode.Require => "sslmode=require",
        SslMode.VerifyCA => $"sslmode=verify-ca{Root(parsed)}",
        SslMode.VerifyFull => $"sslmode=verify-full{Root(parsed)}",
        _ => "",
    };

    private static string Root(NpgsqlConnectionStringBuilder parsed) =>
        string.IsNullOrEmpty(parsed.RootCertificate) ? "&sslrootcert=system" : $"&sslrootcert={Uri.EscapeDataString(Path.GetFullPath(parsed.RootCertificate))}";
}

/// <summary>The access to the demo's project.</summary>
/// <param name="Token">The token of its sample visitors.</param>
/// <param name="ApiKey">Its API key.</param>
/// <param name="Reader">Its SQL reader's connection string.</param>
/// <param name="Ticket">A ticket that signs in to it once.</param>
internal sealed record DemoAccess(string Token, string ApiKey, string Reader, string Ticket);

/// <summary>The files that hold what the text leaves out.</summary>
/// <param name="Secrets">The keys, as JSON.</param>
/// <param name="Passwords">The readers' passwords, for psql.</param>
internal sealed record SecretFiles(string Secrets, string Passwords);
