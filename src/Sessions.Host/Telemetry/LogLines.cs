using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Sessions.Host.Telemetry;

/// <summary>The format of log lines; section <c>Telemetry</c>.</summary>
internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object a line, for programs: <c>time level category event message values exception</c>.</summary>
    Json,
}

/// <summary>Writes each log entry as one line, without personal data.</summary>
internal sealed class LogLines(IOptionsMonitor<LogLines.Format> format, PostgresOutage outage, TimeProvider time)
    : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "sessions";

    private const string OriginalFormat = "{OriginalFormat}";
    private static readonly JsonWriterOptions Writing = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        switch (outage.See(logEntry.LogLevel, logEntry.Exception))
        {
            case OutageNews.Begins:
                WriteLine(
                    new LogEntry<string>(
                        LogLevel.Error, typeof(PostgresOutage).FullName!, PostgresOutage.BeginsId, PostgresOutage.Tell(logEntry.Exception!), null, (text, _) => text),
                    textWriter);
                break;
            case OutageNews.GoesOn:
                break;
            default:
                WriteLine(logEntry, textWriter);
                break;
        }
    }

    private void WriteLine<TState>(in LogEntry<TState> logEntry, TextWriter textWriter)
    {
        string message = PersonalText.Without(logEntry.Formatter(logEntry.State, logEntry.Exception));
        string? exception = logEntry.Exception is { } thrown ? PersonalText.Without(thrown.ToString()) : null;
        if (format.CurrentValue.As == LogFormat.Json)
        {
            textWriter.WriteLine(Json(logEntry, message, exception));
            return;
        }

        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():HH:mm:ss} {Short(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {message}{(exception is null ? "" : " ")}{exception}");
        textWriter.WriteLine(line.ReplaceLineEndings(" "));
    }

    private string Json<TState>(in LogEntry<TState> entry, string message, string? exception)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow());
            json.WriteString("level", entry.LogLevel.ToString());
            json.WriteString("category", entry.Category);
            json.WriteNumber("event", entry.EventId.Id);
            json.WriteString("message", message);
            WriteValues(json, entry.State);
            if (exception is not null)
            {
                json.WriteString("exception", exception);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteValues<TState>(Utf8JsonWriter json, TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } values)
        {
            return;
        }

        json.WriteStartObject("values");
        foreach ((string name, object? value) in values.Where(value => value.Key != OriginalFormat))
        {
            json.WriteString(name, PersonalText.Without(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }

        json.WriteEndObject();
    }

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    /// <summary>The options of the formatter.</summary>
    internal sealed class Format : ConsoleFormatterOptions
    {
        /// <summary>The format of an entry.</summary>
        public LogFormat As { get; set; }
    }
}
