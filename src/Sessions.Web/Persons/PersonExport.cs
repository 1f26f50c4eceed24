using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sessions.Database.Properties;
using Sessions.Domain.Events;
using Sessions.Queries;
using Sessions.Queries.Persons;
using Sessions.Web.Access;
using Sessions.Web.Api;
using Sessions.Web.Browsing;
using Sessions.Web.Exporting;
using Sessions.Web.Replay;

namespace Sessions.Web.Persons;

/// <summary>
/// Everything that is stored of a person, as NDJSON: a line with their ids, one for each session, one for each event,
/// and one for each recorded rrweb event.
/// </summary>
internal sealed partial class PersonExport(
    PersonQueries persons,
    PersonRecords records,
    ReplayQueries replays,
    ReplayPlayer player,
    ExportConcurrencyLimit concurrency,
    Audit audit,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<PersonExport> log)
{
    private const int FlushBytes = 64 * 1024;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Streams the export as the answer.</summary>
    public async Task<IResult> Send(HttpContext context, RequestedId distinctId, CancellationToken cancellation)
    {
        string project = context.User.Project();
        byte[] mark = await persons.GetMark(project, distinctId.Stored, cancellation);
        Outcome<bool> isWhole = await audit.Around(
            context.User,
            new Act(AuditActions.PersonExported, Convert.ToHexStringLower(mark)),
            () => concurrency.Run(
                async timely =>
                {
                    IReadOnlyList<string> ids = await persons.FindIds(project, distinctId, timely);
                    HttpResponse response = context.Response;
                    response.ContentType = "application/x-ndjson; charset=utf-8";
                    response.Headers.CacheControl = "no-store";
                    response.Headers.ContentDisposition = "attachment; filename=\"person.ndjson\"";
                    try
                    {
                        await Write(project, ids, response.BodyWriter, timely);
                        return true;
                    }
                    catch (Exception failure) when (response.HasStarted)
                    {
                        // An incomplete export must not look complete.
                        if (!cancellation.IsCancellationRequested)
                        {
                            LogBroken(log, failure);
                        }

                        context.Abort();
                        return false;
                    }
                },
                cancellation),
            outcome => outcome.TryGet(out bool whole) && whole);
        return isWhole.ToAnswer(_ => Results.Empty);
    }

    private async Task Write(string project, IReadOnlyList<string> ids, PipeWriter output, CancellationToken cancellation)
    {
        await using Utf8JsonWriter json = new(output, Writing);
        WriteLine(json, output, "person", () =>
        {
            json.WriteStartArray("distinct_ids");
            foreach (string id in ids)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            json.WriteString("exported_at", PropertyText.Time(time.GetUtcNow()));
        });
        await foreach (SessionRow row in records.Sessions(project, ids, concurrency.Limits, cancellation))
        {
            SessionRow session = await Latest(project, row);
            WriteLine(json, output, "session", () =>
            {
                json.WritePropertyName("session");
                SessionJson.Write(json, session);
            });
            await Flush(output, cancellation);
        }

        await foreach (ExportedEvent row in records.Events(project, ids, concurrency.Limits, cancellation))
        {
            WriteLine(json, output, "event", () =>
            {
                json.WritePropertyName("event");
                SessionJson.Write(json, row.SessionId, row.Event);
            });
            await Flush(output, cancellation);
        }

        await foreach (RecordedBlocks recorded in records.Replays(project, ids, concurrency.Limits, cancellation))
        {
            SessionKey session = SessionKey.Create(project, recorded.SessionId);
            ReplayBlockRef[] blocks =
                [.. (await replays.List(session, after: 0, cancellation)).Where(block => recorded.Numbers.Contains(block.Number))];
            ReplayPart all = ReplayPart.Whole with
            {
                Before = Encoding.UTF8.GetBytes($$"""{"type":"replay","session_id":"{{recorded.SessionId}}","replay":"""),
                After = "}"u8.ToArray(),
            };
            await player.Write(session, blocks, all, output, cancellation);
        }

        await output.FlushAsync(cancellation);
    }

    /// <summary>Reads a live session from its grain, because its row is some seconds behind.</summary>
    private async Task<SessionRow> Latest(string project, SessionRow row)
    {
        if ((string?)row["status"] != SessionStatus.Live.ToWord())
        {
            return row;
        }

        Session? session = await grains.GetGrain<ISessionGrain>(SessionKey.Create(project, (Guid)row["$session_id"]!)).Get();
        return session is null ? row : SessionRow.From(session);
    }

    private static void WriteLine(Utf8JsonWriter json, PipeWriter output, string type, Action write)
    {
        json.Reset(output);
        json.WriteStartObject();
        json.WriteString("type", type);
        write();
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static async ValueTask Flush(PipeWriter output, CancellationToken cancellation)
    {
        if (output.UnflushedBytes > FlushBytes)
        {
            // Waits for a slow client, so that no data accumulates in memory.
            await output.FlushAsync(cancellation);
        }
    }

    [LoggerMessage(4050, LogLevel.Warning, "The export of a person's data could not be sent to its end. The caller got an incomplete file and "
        + "may ask again. Check that Postgres and the silos run.")]
    private static partial void LogBroken(ILogger log, Exception failure);
}
