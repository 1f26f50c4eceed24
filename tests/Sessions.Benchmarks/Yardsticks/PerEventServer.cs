using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Sessions.Benchmarks.Yardsticks;

/// <summary>
/// What one would write first: an endpoint that inserts each event and upserts its session, in one transaction for
/// each event, prepared and pooled. No session rules, no ends, no retries, counts that a lost answer makes wrong.
/// </summary>
internal static class PerEventServer
{
    /// <summary>The argument that makes this program that server.</summary>
    public const string Command = "per-event-server";

    private const string Insert =
        """
        insert into yardstick.events (project, session_id, event_id, time, event, distinct_id, device_id, window_id, properties)
        values ('default', $1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
        """;

    private const string Upsert =
        """
        insert into yardstick.sessions as s (project, session_id, device_id, start_timestamp, end_timestamp, event_count, pageview_count, entry_url, exit_url)
        values ('default', $1, $2, $3, $3, 1, $4, $5, $5)
        on conflict (project, session_id) do update
        set start_timestamp = least(s.start_timestamp, excluded.start_timestamp), end_timestamp = greatest(s.end_timestamp, excluded.end_timestamp),
            event_count = s.event_count + 1, pageview_count = s.pageview_count + excluded.pageview_count, exit_url = excluded.exit_url
        """;

    /// <summary>The tables it writes.</summary>
    public const string Tables =
        """
        create schema if not exists yardstick;
        create table yardstick.events (
            project text not null, session_id uuid not null, event_id uuid not null, time timestamptz not null, event text not null,
            distinct_id text not null, device_id text, window_id text, properties jsonb, primary key (project, event_id));
        create table yardstick.sessions (
            project text not null, session_id uuid not null, device_id text, start_timestamp timestamptz not null,
            end_timestamp timestamptz not null, event_count int not null, pageview_count int not null, entry_url text, exit_url text,
            primary key (project, session_id)) with (fillfactor = 70);
        """;

    public static async Task Run(string connectionString, int port)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 1,
            MaxPoolSize = 32,
        });
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        await using WebApplication app = builder.Build();
        app.MapPost("/batch/", async (HttpContext context) =>
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
            foreach (JsonElement one in body.RootElement.GetProperty("batch").EnumerateArray())
            {
                await Store(database, one);
            }

            context.Response.ContentLength = 15;
            await context.Response.Body.WriteAsync("{\"status\":\"Ok\"}"u8.ToArray());
        });
        await app.StartAsync();
        await Console.Out.WriteLineAsync("ready");
        // Whoever started it closes its input when it is done.
        await Console.In.ReadLineAsync();
    }

    private static async Task Store(NpgsqlDataSource database, JsonElement one)
    {
        JsonElement properties = one.GetProperty("properties");
        string device = properties.GetProperty("$device_id").GetString()!;
        // Where the sender names no session, each device has one for good.
        Guid session = properties.TryGetProperty("$session_id", out JsonElement named)
            ? named.GetGuid()
            : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(device)).AsSpan(0, 16));
        DateTime time = one.GetProperty("timestamp").GetDateTime().ToUniversalTime();
        string name = one.GetProperty("event").GetString()!;
        string? url = properties.GetProperty("$current_url").GetString();
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        // Without a transaction of its own a batch is one.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(Insert)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = session },
                        new NpgsqlParameter<Guid> { TypedValue = one.GetProperty("uuid").GetGuid() },
                        new NpgsqlParameter<DateTime> { TypedValue = time },
                        new NpgsqlParameter<string> { TypedValue = name },
                        new NpgsqlParameter<string> { TypedValue = properties.GetProperty("distinct_id").GetString() },
                        new NpgsqlParameter<string> { TypedValue = device },
                        new NpgsqlParameter<string> { TypedValue = properties.GetProperty("$window_id").GetString() },
                        new NpgsqlParameter<string> { TypedValue = properties.GetRawText(), NpgsqlDbType = NpgsqlDbType.Jsonb },
                    },
                },
                new NpgsqlBatchCommand(Upsert)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid> { TypedValue = session },
                        new NpgsqlParameter<string> { TypedValue = device },
                        new NpgsqlParameter<DateTime> { TypedValue = time },
                        new NpgsqlParameter<int> { TypedValue = name == "$pageview" ? 1 : 0 },
                        new NpgsqlParameter<string?> { TypedValue = url },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync();
    }
}
