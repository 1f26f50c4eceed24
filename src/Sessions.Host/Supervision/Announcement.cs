using Npgsql;

namespace Sessions.Host.Supervision;

/// <summary>What a supervisor prints when everything is up.</summary>
internal static class Announcement
{
    public static string Compose(ReadyFile ready)
    {
        string first = ready.Gateways[0];
        string gateways = string.Join(" ", ready.Gateways);
        return $"""

            Orleans.Sessions is ready.

              gateways       {gateways}
              sign in        {first}/signin?key={Uri.EscapeDataString(ready.ApiKey)}
              dashboard      {first}/dashboard
              project token  {ready.ProjectToken}
              API key        {ready.ApiKey}
              SQL            psql "{PostgresUri(ready.PostgresReader)}"

            In a page:       posthog.init('{ready.ProjectToken}', {"{"} api_host: '{first}' {"}"})
            Ctrl-C stops it all in order.

            """;
    }

    /// <summary>The connection string as psql takes it.</summary>
    public static string PostgresUri(string connectionString)
    {
        NpgsqlConnectionStringBuilder parsed = new(connectionString);
        return $"postgresql://{Uri.EscapeDataString(parsed.Username ?? "")}:{Uri.EscapeDataString(parsed.Password ?? "")}"
            + $"@{parsed.Host}:{parsed.Port}/{Uri.EscapeDataString(parsed.Database ?? "")}";
    }
}
