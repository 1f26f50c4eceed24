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

/// <summary>
/// Writes each log entry as one line, without personal data. A terminal gets the first words of an exception if a file gets
/// the whole line, with the stack trace: two thousand characters a line can't be read there.
/// </summary>
internal sealed class LogLines(IOptionsMonitor<LogLines.Format> format, PostgresOutage outage, TimeProvider time)
    : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "sessions";

    private const string OriginalFormat = "{OriginalFormat}";
    private const int MostOfException = 240;
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

        string line = OneLine(string.Create(
            CultureInfo.InvariantCulture, $"{time.GetUtcNow():HH:mm:ss} {Short(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {message}"));
        string whole = exception is null ? line : $"{line} {OneLine(exception)}";
        if (format.CurrentValue.Whole is not { } file)
        {
            textWriter.WriteLine(whole);
            return;
        }

        file(whole);
        string brief = exception is null ? line : $"{line} ({InBrief(logEntry.Exception!)})";
        if (format.CurrentValue.Holds?.Invoke(logEntry.LogLevel, brief) is not true)
        {
            textWriter.WriteLine(brief);
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    // What went wrong, without where. The stack trace is in the file.
    private static string InBrief(Exception thrown)
    {
        string text = OneLine($"{thrown.GetType().Name}: {PersonalText.Without(thrown.Message)}");
        return text.Length <= MostOfException ? text : $"{text[..MostOfException]} …";
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

        /// <summary>
        /// Takes the whole lines of the format for people, of which the console then gets the short ones; null when the console
        /// gets them whole. It must not throw.
        /// </summary>
        public Action<string>? Whole { get; set; }

        /// <summary>Takes a short line that the console is to get later, and says so; null when the console gets all at once.</summary>
        public Func<LogLevel, string, bool>? Holds { get; set; }
    }
}
