using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sessions.Host.Telemetry;

namespace Sessions.Tests.Host.Telemetry;

public sealed class LogLinesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("an id", "Timeout of [sys.client/x]->[S1:1/device/default~alice]", "Timeout of [sys.client/x]->[S1:1/device/default~…")]
    [InlineData("spaces and brackets", "device/shop-1~alice ] smith@example.com, born 1970", "device/shop-1~…")]
    [InlineData("the next line is another matter", "of device/default~alice\nat Sessions.Somewhere", "of device/default~…\nat Sessions.Somewhere")]
    [InlineData("a session", "[session/default~0190a5b2-0000-7000-8000-000000000001] is busy", "[session/default~…] is busy")]
    [InlineData("no id", "the device is/was there", "the device is/was there")]
    public void Parts_of_a_log_line_that_name_a_person_are_removed(string what, string text, string rest)
    {
        Assert.True(PersonalText.Without(text) == rest, $"{what}: {PersonalText.Without(text)}");
    }

    [Fact]
    public void A_log_entry_in_text_format_is_one_line()
    {
        string line = Write(LogFormat.Text, new InvalidOperationException("of device/default~alice\nand more"));

        Assert.StartsWith("03:04:05 warn: Sessions.Test[7] 3 events of x wait System.InvalidOperationException: of device/default~… and more", line, StringComparison.Ordinal);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    // Without a file, such as in a container, the line has the stack trace. With one, it would fill the terminal.
    [Fact]
    public void Where_a_file_takes_the_whole_line_the_terminal_gets_the_exception_in_brief()
    {
        List<string> file = [];
        InvalidOperationException thrown = Thrown($"of device/default~alice\nand more {new string('x', 2_000)}");

        string line = Write(LogFormat.Text, thrown, file.Add);

        Assert.StartsWith("03:04:05 warn: Sessions.Test[7] 3 events of x wait (InvalidOperationException: of device/default~… and more xxx", line, StringComparison.Ordinal);
        Assert.EndsWith("xxx …)\n", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 250, 330);
        string whole = Assert.Single(file);
        Assert.StartsWith("03:04:05 warn: Sessions.Test[7] 3 events of x wait System.InvalidOperationException: of device/default~… and more", whole, StringComparison.Ordinal);
        Assert.Contains($"at Sessions.Tests.Host.Telemetry.{nameof(LogLinesTests)}", whole, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', whole);
        Assert.DoesNotContain("LogLinesTests.Thrown", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_held_is_in_the_file_and_not_yet_in_the_terminal()
    {
        List<string> file = [];
        List<(LogLevel, string)> held = [];
        LogLines.Format format = new()
        {
            Whole = file.Add,
            Holds = (level, line) =>
            {
                held.Add((level, line));
                return true;
            },
        };

        Assert.Equal("", Write(format, new InvalidOperationException("no")));
        Assert.Single(file);
        Assert.Equal([(LogLevel.Warning, "03:04:05 warn: Sessions.Test[7] 3 events of x wait (InvalidOperationException: no)")], held);
    }

    [Fact]
    public void A_log_entry_in_json_format_is_an_object_with_the_values_of_the_message()
    {
        JsonNode line = JsonNode.Parse(Write(LogFormat.Json, new InvalidOperationException("of device/default~alice")))!;

        Assert.Equal(
            """{"time":"2026-01-02T03:04:05+00:00","level":"Warning","category":"Sessions.Test","event":7,"message":"3 events of x wait","values":{"Count":"3","Grain":"device/default~…"},"exception":"System.InvalidOperationException: of device/default~…"}""",
            line.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    private static InvalidOperationException Thrown(string message)
    {
        try
        {
            throw new InvalidOperationException(message);
        }
        catch (InvalidOperationException thrown)
        {
            return thrown;
        }
    }

    private static string Write(LogFormat format, Exception failure, Action<string>? file = null) =>
        Write(new LogLines.Format { As = format, Whole = file }, failure);

    private static string Write(LogLines.Format format, Exception failure)
    {
        LogLines lines = new(new Fixed(format), new PostgresOutage(new FakeTimeProvider(Now)), new FakeTimeProvider(Now));
        using StringWriter text = new();
        KeyValuePair<string, object?>[] values = [new("Count", 3), new("Grain", "device/default~alice"), new("{OriginalFormat}", "{Count} events of {Grain} wait")];
        LogEntry<KeyValuePair<string, object?>[]> entry = new(LogLevel.Warning, "Sessions.Test", new EventId(7), values, failure, (_, _) => "3 events of x wait");
        lines.Write(entry, null, text);
        return text.ToString();
    }

    private sealed class Fixed(LogLines.Format format) : IOptionsMonitor<LogLines.Format>
    {
        public LogLines.Format CurrentValue => format;

        public LogLines.Format Get(string? name) => format;

        public IDisposable? OnChange(Action<LogLines.Format, string?> listener) => null;
    }
}
