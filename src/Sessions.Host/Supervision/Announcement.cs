using Npgsql;

namespace Sessions.Host.Supervision;

/// <summary>What a supervisor prints when everything is up.</summary>
internal static class Announcement
{
    public static string Compose(ReadyFile ready, DemoAccess? demo = null)
    {
        string first = ready.Gateways[0];
        string gateways = string.Join(" ", ready.Gateways);
        return $"""

            Orleans.Sessions {ProductVersion.Number} is ready.

              gateways       {gateways}
              sign in        {first}/signin?key={Uri.EscapeDataString(ready.ApiKey)}
              dashboard      {first}/dashboard
              project token  {ready.ProjectToken}
              API key        {ready.ApiKey}
              SQL            psql "{PostgresUri(ready.PostgresReader)}"
              backends       cluster id {ready.Cluster.ClusterId}, service id {ready.Cluster.ServiceId}; more in the --ready-file
              metrics        {string.Join(" ", ready.Metrics.Select(process => process.Address))}

            In a page:       posthog.init('{ready.ProjectToken}', {"{"} api_host: '{first}' {"}"})
            {(demo is null ? "No visitors yet?  ./run --demo makes some up, in a project of their own." : Demo(first, demo))}
            Ctrl-C stops it all in order.

            """;
    }

    private static string Demo(string first, DemoAccess demo) =>
        $"""

            DEMO: made-up visitors, in a project of their own

              sign in        {first}/signin?key={Uri.EscapeDataString(demo.ApiKey)}
              project token  {demo.Token}
              API key        {demo.ApiKey}
              SQL            psql "{PostgresUri(demo.Reader)}"

            """;

    /// <summary>The connection string as psql takes it.</summary>
    public static string PostgresUri(string connectionString)
    {
        NpgsqlConnectionStringBuilder parsed = new(connectionString);
        return $"postgresql://{Uri.EscapeDataString(parsed.Username ?? "")}:{Uri.EscapeDataString(parsed.Password ?? "")}"
            + $"@{parsed.Host}:{parsed.Port}/{Uri.EscapeDataString(parsed.Database ?? "")}{Tls(parsed)}";
    }

    private static string Tls(NpgsqlConnectionStringBuilder parsed) => parsed.SslMode switch
    {
        SslMode.Require => "?sslmode=require",
        SslMode.VerifyCA => $"?sslmode=verify-ca{Root(parsed)}",
        SslMode.VerifyFull => $"?sslmode=verify-full{Root(parsed)}",
        _ => "",
    };

    private static string Root(NpgsqlConnectionStringBuilder parsed) =>
        string.IsNullOrEmpty(parsed.RootCertificate) ? "&sslrootcert=system" : $"&sslrootcert={Uri.EscapeDataString(Path.GetFullPath(parsed.RootCertificate))}";
}

/// <summary>How one gets to the demo's project.</summary>
/// <param name="Token">What its made-up visitors send.</param>
/// <param name="ApiKey">What the API takes.</param>
/// <param name="Reader">Its SQL reader's connection string.</param>
internal sealed record DemoAccess(string Token, string ApiKey, string Reader);
