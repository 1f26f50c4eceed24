using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sessions.Domain.Querying;
using Sessions.Gateway.Access;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api.Querying;

/// <summary>Sessions and events as streams of CSV or NDJSON, however many there are.</summary>
internal static class ExportEndpoints
{
    private const string CsvType = "text/csv";
    private const string NdJson = "application/x-ndjson";
    private const int FlushBytes = 64 * 1024;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] EventColumns =
    [
        "session_id", "event_id", "timestamp", "received_at", "event", "distinct_id", "device_id", "window_id", "current_url",
        "pathname", "sender_order", "properties",
    ];

    public static void MapExport(this IEndpointRouteBuilder api)
    {
        api.MapGet("/export/sessions", Sessions).WithName("ExportSessions")
            .WithSummary("All sessions of a range of time, in the order of their starts, as a stream.")
            .Answers("text", StatusCodes.Status504GatewayTimeout);
        api.MapGet("/export/events", Events).WithName("ExportEvents")
            .WithSummary("All events of a range of time, in no order, as a stream.")
            .Answers("text", StatusCodes.Status504GatewayTimeout);
    }

    private static Task<IResult> Sessions(
        [AsParameters] ExportFields asked, HttpContext context, Exports exports, ExportTurns turns, ExportNeeds needs, CancellationToken cancellation) =>
        Export<SessionRow>(
            AuditActions.SessionsExported, asked, context, turns, needs,
            (range, timely) => exports.Sessions(range, turns.Limits, timely),
            [.. SessionProperties.All.Select(property => property.Name)],
            row => row.Values.Select((value, place) => value is null ? default : Value(SessionProperties.All[place], value)),
            SessionJson.Write,
            cancellation);

    private static Task<IResult> Events(
        [AsParameters] ExportFields asked, HttpContext context, Exports exports, ExportTurns turns, ExportNeeds needs, CancellationToken cancellation) =>
        Export<ExportedEvent>(
            AuditActions.EventsExported, asked, context, turns, needs,
            (range, timely) => exports.Events(range, turns.Limits, timely),
            EventColumns,
            Line,
            (json, row) => SessionJson.Write(json, row.SessionId, row.Event),
            cancellation);

    private static async Task<IResult> Export<T>(
        string action,
        ExportFields asked,
        HttpContext context,
        ExportTurns turns,
        ExportNeeds needs,
        Func<ExportRange, CancellationToken, IAsyncEnumerable<T>> read,
        IReadOnlyList<string> columns,
        Func<T, IEnumerable<CsvValue>> line,
        Action<Utf8JsonWriter, T> write,
        CancellationToken cancellation)
    {
        string project = context.User.Project();
        AskedFields fields = new();
        DateTimeOffset now = needs.Time.GetUtcNow();
        LocalCalendar calendar = fields.Calendar(asked.TimeZone, (await needs.Settings.Of(project)).Calendar);
        bool isCsv = asked.Format == "csv";
        if (asked.Format is not (null or "" or "csv" or "ndjson"))
        {
            fields.Refuse("format", "must be csv or ndjson");
        }

        Csv csv = fields.Csv(asked.Formulas);
        ExportRange range = new(
            project,
            fields.Time("date_from", asked.DateFrom, isEnd: false, now, calendar),
            fields.Time("date_to", asked.DateTo, isEnd: true, now, calendar),
            AskedFilters.Read(fields, asked.Filters, calendar, needs.Options.Value));
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        bool isWhole = false;
        var act = new Act(action, null) { Detail = { ["from"] = range.From, ["to"] = range.To } };
        return await needs.Audit.Around(context.User, act, () => turns.Take(
            async timely =>
            {
                await using IAsyncEnumerator<T> rows = read(range, timely).GetAsyncEnumerator(timely);
                // Up to here a fault is answered as one. Later the connection breaks, so that nobody takes a part for all.
                bool any = await rows.MoveNextAsync();
                context.Response.ContentType = $"{(isCsv ? CsvType : NdJson)}; charset=utf-8";
                context.Response.Headers.CacheControl = "no-store";
                try
                {
                    await (isCsv
                        ? WriteCsv(rows, any, context.Response.Body, csv, columns, line, timely)
                        : WriteJson(rows, any, context.Response.BodyWriter, write, timely));
                    isWhole = true;
                }
                catch (Exception) when (context.Response.HasStarted)
                {
                    context.Abort();
                }

                return Results.Empty;
            },
            cancellation), _ => isWhole);
    }

    private static async Task WriteCsv<T>(
        IAsyncEnumerator<T> rows,
        bool any,
        Stream body,
        Csv csv,
        IReadOnlyList<string> columns,
        Func<T, IEnumerable<CsvValue>> line,
        CancellationToken cancellation)
    {
        await using StreamWriter writer = new(body, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true);
        StringBuilder text = new();
        csv.AppendNames(text, columns);
        for (; any; any = await rows.MoveNextAsync())
        {
            csv.AppendLine(text, line(rows.Current));
            await writer.WriteAsync(text, cancellation);
            text.Clear();
        }

        await writer.WriteAsync(text, cancellation);
    }

    private static async Task WriteJson<T>(
        IAsyncEnumerator<T> rows, bool any, PipeWriter body, Action<Utf8JsonWriter, T> write, CancellationToken cancellation)
    {
        await using Utf8JsonWriter json = new(body, Writing);
        for (; any; any = await rows.MoveNextAsync())
        {
            json.Reset(body);
            write(json, rows.Current);
            json.Flush();
            body.Write("\n"u8);
            if (body.UnflushedBytes > FlushBytes)
            {
                // Waits for a slow receiver, so that nothing piles up.
                await body.FlushAsync(cancellation);
            }
        }

        await body.FlushAsync(cancellation);
    }

    private static CsvValue Value(SessionProperty property, object value) =>
        new(PropertyText.Write(value), property.Type is PropertyType.Number or PropertyType.Seconds);

    private static IEnumerable<CsvValue> Line(ExportedEvent row) => Texts(row).Select(text => new CsvValue(text));

    private static IEnumerable<string?> Texts(ExportedEvent row) =>
    [
        row.SessionId.ToString(), row.Event.EventId.ToString(), PropertyText.Time(row.Event.Timestamp),
        PropertyText.Time(row.Event.ReceivedAt), row.Event.Event, row.Event.DistinctId, row.Event.DeviceId, row.Event.WindowId,
        row.Event.CurrentUrl, row.Event.Pathname,
        row.Event.SenderOrder.ToString(CultureInfo.InvariantCulture), row.Event.PropertiesJson,
    ];
}
