using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parquet.Schema;
using Sessions.Database.Properties;
using Sessions.Domain.Querying;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Web.Access;
using Sessions.Web.Analytics;
using Sessions.Web.Api;
using Sessions.Web.Browsing;

namespace Sessions.Web.Exporting;

/// <summary>Exports any number of sessions and events as streams of CSV, NDJSON or Parquet.</summary>
internal static class ExportEndpoints
{
    private const string CsvType = "text/csv";
    private const string NdJson = "application/x-ndjson";
    private const string ParquetType = "application/vnd.apache.parquet";
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
            .WithSummary("All sessions of a range of time as a stream, in the order of their starts unless another is asked for.")
            .AnswersLines([NdJson, CsvType, ParquetType], StatusCodes.Status504GatewayTimeout);
        api.MapGet("/export/events", Events).WithName("ExportEvents")
            .WithSummary("All events of a range of time, in any order, as a stream.")
            .AnswersLines([NdJson, CsvType, ParquetType], StatusCodes.Status504GatewayTimeout);
    }

    private static async Task<IResult> Sessions(
        [AsParameters] SessionExportFields asked,
        HttpContext context,
        Exports exports,
        CountedReader counted,
        ExportConcurrencyLimit concurrency,
        ExportNeeds needs,
        CancellationToken cancellation)
    {
        RequestErrors errors = new();
        CountedSessions? behind = string.IsNullOrEmpty(asked.Counted) ? null : await counted.Read(context.User.Project(), asked.Counted);
        if (behind is null && !string.IsNullOrEmpty(asked.Counted))
        {
            errors.Refuse("counted", CountedReader.Expected);
        }

        SessionOrder order = string.IsNullOrEmpty(asked.Order) ? SessionOrder.OfExports : errors.Order(asked.Order);
        IReadOnlyList<SessionProperty> columns = asked.ReadColumns(errors);
        return await Export<SessionRow>(
            AuditActions.SessionsExported, asked.All, errors, context, concurrency, needs,
            (range, timely) => exports.Sessions(range with { Counted = behind }, order, concurrency.Limits, timely),
            [.. columns.Select(property => property.Name)],
            row => columns.Select(property => row[property.Name] is { } value ? Value(property, value) : default),
            (json, row) => SessionJson.Write(json, row, columns),
            () => [.. columns.Select(property => ParquetColumn<SessionRow>.Of(property.Name, property.Type, row => row[property.Name]))],
            cancellation);
    }

    private static Task<IResult> Events(
        [AsParameters] ExportFields asked, HttpContext context, Exports exports, ExportConcurrencyLimit concurrency, ExportNeeds needs, CancellationToken cancellation) =>
        Export<ExportedEvent>(
            AuditActions.EventsExported, asked, new RequestErrors(), context, concurrency, needs,
            (range, timely) => exports.Events(range, concurrency.Limits, timely),
            EventColumns,
            Line,
            (json, row) => SessionJson.Write(json, row.SessionId, row.Event),
            EventFile,
            cancellation);

    private static async Task<IResult> Export<T>(
        string action,
        ExportFields asked,
        RequestErrors errors,
        HttpContext context,
        ExportConcurrencyLimit concurrency,
        ExportNeeds needs,
        Func<ExportRange, CancellationToken, IAsyncEnumerable<T>> read,
        IReadOnlyList<string> columns,
        Func<T, IEnumerable<CsvValue>> line,
        Action<Utf8JsonWriter, T> write,
        Func<IReadOnlyList<ParquetColumn<T>>> file,
        CancellationToken cancellation)
    {
        string project = context.User.Project();
        DateTimeOffset now = needs.Time.GetUtcNow();
        LocalCalendar calendar = errors.Calendar(asked.TimeZone, (await needs.Settings.Of(project)).Calendar);
        if (asked.Format is not (null or "" or "csv" or "ndjson" or "parquet"))
        {
            errors.Refuse("format", "must be csv, ndjson or parquet");
        }

        Csv csv = errors.Csv(asked.Formulas);
        ExportRange range = new(
            project,
            errors.Time("date_from", asked.DateFrom, isEnd: false, now, calendar),
            errors.Time("date_to", asked.DateTo, isEnd: true, now, calendar),
            new FilterCheck(errors, calendar, needs.Options.Value).Parse(asked.Filters));
        if (errors.Problem is { } problem)
        {
            return problem;
        }

        var act = new Act(action, null) { Detail = { ["from"] = range.From, ["to"] = range.To } };
        Outcome<bool> isWhole = await needs.Audit.Around(context.User, act, () => concurrency.Run(
            async timely =>
            {
                await using IAsyncEnumerator<T> rows = read(range, timely).GetAsyncEnumerator(timely);
                // Until here an exception becomes an error answer. Later the connection breaks, so that the client
                // does not take a part for the whole.
                bool any = await rows.MoveNextAsync();
                context.Response.ContentType = asked.Format switch
                {
                    "csv" => CsvType + "; charset=utf-8",
                    "parquet" => ParquetType,
                    _ => NdJson + "; charset=utf-8",
                };
                context.Response.Headers.CacheControl = "no-store";
                try
                {
                    await (asked.Format switch
                    {
                        "csv" => WriteCsv(rows, any, context.Response.Body, csv, columns, line, timely),
                        "parquet" => ParquetFile.Write(rows, any, file(), context.Response.BodyWriter, timely),
                        _ => WriteJson(rows, any, context.Response.BodyWriter, write, timely),
                    });
                    return true;
                }
                catch (Exception) when (context.Response.HasStarted)
                {
                    context.Abort();
                    return false;
                }
            },
            cancellation), outcome => outcome.TryGet(out bool whole) && whole);
        return isWhole.ToAnswer(_ => Results.Empty);
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
                // Waits for a slow client, so that no data accumulates in memory.
                await body.FlushAsync(cancellation);
            }
        }

        await body.FlushAsync(cancellation);
    }

    private static ParquetColumn<ExportedEvent>[] EventFile() =>
    [
        Column("session_id", PropertyType.Uuid, row => row.SessionId),
        Column("event_id", PropertyType.Uuid, row => row.Event.EventId),
        Column("timestamp", PropertyType.Time, row => row.Event.Timestamp),
        Column("received_at", PropertyType.Time, row => row.Event.ReceivedAt),
        Column("event", PropertyType.Text, row => row.Event.Event),
        Column("distinct_id", PropertyType.Text, row => row.Event.DistinctId),
        Column("device_id", PropertyType.Text, row => row.Event.DeviceId),
        Column("window_id", PropertyType.Text, row => row.Event.WindowId),
        Column("current_url", PropertyType.Text, row => row.Event.CurrentUrl),
        Column("pathname", PropertyType.Text, row => row.Event.Pathname),
        new ParquetValues<ExportedEvent, long>(new DataField("sender_order", typeof(long), isNullable: true), row => row.Event.SenderOrder),
        Column("properties", PropertyType.Text, row => row.Event.PropertiesJson),
    ];

    private static ParquetColumn<ExportedEvent> Column(string name, PropertyType type, Func<ExportedEvent, object?> of) =>
        ParquetColumn<ExportedEvent>.Of(name, type, of);

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
