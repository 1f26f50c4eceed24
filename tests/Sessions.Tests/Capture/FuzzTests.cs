using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsCheck;
using Sessions.Capture;

namespace Sessions.Tests.Capture;

/// <summary>Any bytes get one of the documented answers. SESSIONS_FUZZ_CASES asks for more cases.</summary>
public sealed class FuzzTests
{
    private static readonly long Cases =
        long.TryParse(Environment.GetEnvironmentVariable("SESSIONS_FUZZ_CASES"), out long cases) ? cases : 20_000;

    // Small, so that random bodies run into them.
    private static readonly CaptureOptions Limits = new() { MaxInflatedBytes = 4096, MaxEventBytes = 1024, MaxDepth = 8, MaxEvents = 5 };

    // Far more than such bodies need; a case that runs away exceeds it.
    private const long MostBytesForACase = 1 << 20;

    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", " ", "null", "true", "-1", "0.5", "1e400000", "1e100", "\"\"", "\"x\"",
        "\"\\u0000\"", "\"\\ud83d\"", "\"\\ud83d\\ude00\"", "\"\\udc00\\u\"", "\\", "{}", "[[[[[[[[]]]]]]]]",
        "\"event\":", "\"distinct_id\":", "\"$distinct_id\":", "\"properties\":", "\"batch\":", "\"api_key\":", "\"token\":",
        "\"timestamp\":", "\"sent_at\":", "\"offset\":", "\"uuid\":", "\"$set\":", "\"$set_once\":", "\"$session_id\":",
        "\"$device_id\":", "\"$window_id\":", "\"$ignore_sent_at\":", "\"phc_good\"", "\"anna\"", "\"$pageview\"",
        "\"0190163d-8694-739b-aea5-966c26f8ad91\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59Z\"",
        "9223372036854775807", "-9223372036854775808", "\u00e9", "\U0001F600", "\uFEFF", "data=", "%7B", "H4sI",
    ];

    private static readonly Gen<byte[]> Noise = Gen.Byte.Array[0, 200];

    private static readonly Gen<byte[]> TokenSoup =
        OneOfThese(Fragments).Array[0, 60].Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));

    private static readonly Gen<string> Value = Gen.OneOf(
        OneOfThese("null", "1", "1e400000", "\"x\"", "\"\"", "{}", "[]", "\"\\u0000\\ud83d\"", "{\"a\":[[[[[[[1]]]]]]]}"),
        OneOfThese("\"phc_good\"", "\"2023-01-01\"", "-9223372036854775808", "\"0190163d-8694-739b-aea5-966c26f8ad91\""));

    private static readonly Gen<string> Member =
        Gen.Select(OneOfThese([.. Fragments.Where(part => part.EndsWith(':'))]), Value, (name, value) => name + value);

    private static readonly Gen<string> Event =
        Gen.Select(Member.Array[0, 5], Member.Array[0, 5], (members, properties) =>
            "{" + string.Join(',', [
                "\"event\":\"a\"", "\"distinct_id\":\"anna\"", .. members, $"\"properties\":{{{string.Join(',', properties)}}}"]) + "}");

    private static readonly Gen<byte[]> NearlyGood =
        Gen.Select(Event.Array[0, 7], Gen.Bool, (events, isArray) => Encoding.UTF8.GetBytes(
            isArray ? $"[{string.Join(',', events)}]" : $"{{\"api_key\":\"phc_good\",\"batch\":[{string.Join(',', events)}]}}"));

    private static readonly Gen<byte[]> Bent = Gen.Select(NearlyGood, Gen.Int[0, 5000], Gen.Byte, Gen.Bool).Select((body, at, with, cut) =>
    {
        byte[] bent = cut ? body[..(at % (body.Length + 1))] : [.. body];
        if (bent.Length > 0)
        {
            bent[at % bent.Length] = with;
        }

        return bent;
    });

    private static readonly Gen<byte[]> Json = Gen.Frequency((2, Noise), (3, TokenSoup), (5, NearlyGood), (4, Bent));

    private static readonly Gen<byte[]> Encoded = Gen.Select(Json, Gen.Int[0, 6], Gen.Int[0, 40], (body, encoding, cut) =>
    {
        byte[] coded = encoding switch
        {
            0 => Bodies.Gzip(body),
            1 => Bodies.Base64(body),
            2 => Bodies.Form(body),
            3 => Bodies.Form(Bodies.Gzip(body)),
            4 => [0x1f, 0x8b, 8, .. body],
            5 => [.. "data="u8, .. body],
            _ => body,
        };
        return coded[..Math.Max(0, coded.Length - Math.Max(0, cut - 20))];
    });

    [Fact]
    public void Any_json_is_captured_or_refused_without_an_exception() => Json.Sample(
        body =>
        {
            if (Utf8.IsValid(body))
            {
                CaptureVerdict verdict = Bounded(() => Bodies.Parse(body, Limits, querySentAtMs: 1_700_000_000_000));
                Check(verdict);
            }
        },
        iter: Cases);

    [Fact]
    public void Any_body_is_decoded_or_refused() => Gen.Select(Encoded, Gen.Bool).Sample(
        (body, isForm) =>
        {
            try
            {
                byte[] decoded = Bounded(() => Bodies.Decode(body, Limits, isForm));
                Assert.True(Utf8.IsValid(decoded));
                Check(Bounded(() => Bodies.Parse(decoded, Limits)));
            }
            catch (CaptureRefusedException refused)
            {
                Assert.Contains(refused.Refusal.Status, (int[])[400, 413]);
            }
        },
        iter: Cases);

    /// <summary>Whatever comes in costs little memory, and with that little time: what is not allocated is not copied.</summary>
    private static T Bounded<T>(Func<T> work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        T made = work();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytesForACase);
        return made;
    }

    private static Gen<string> OneOfThese(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static void Check(CaptureVerdict verdict)
    {
        if (verdict is CaptureVerdict.Refused refused)
        {
            Assert.Contains(refused.Refusal.Status, (int[])[400, 401, 413]);
            return;
        }

        var taken = Bodies.Taken(verdict);
        Assert.Equal(Bodies.Project, taken.Project);
        Assert.InRange(taken.Events.Count + taken.Dropped.Count, 1, Limits.MaxEvents);
        Assert.Distinct(taken.Events.Select(captured => captured.Index).Concat(taken.Dropped.Select(note => note.Index)));
        foreach (CapturedEvent captured in taken.Events)
        {
            Check(captured.Event);
        }
    }

    private static void Check(SessionEvent captured)
    {
        Assert.InRange(captured.Name.Length, 1, 200);
        Assert.InRange(captured.DistinctId.Length, 1, 200);
        Assert.True(captured.SessionId is null || Guid.TryParseExact(captured.SessionId, "D", out _));
        Assert.True(captured.Timestamp is null || captured.Timestamp - Bodies.Now <= TimeSpan.FromHours(23));
        Assert.NotEmpty(UserDeviceKey.Create(Bodies.Project, captured.DistinctId, captured.DeviceId).ToString());
        if (!captured.Properties.IsEmpty)
        {
            using JsonDocument properties = JsonDocument.Parse(captured.Properties, new JsonDocumentOptions { MaxDepth = Limits.MaxDepth });
            Assert.Equal(JsonValueKind.Object, properties.RootElement.ValueKind);
            CheckText(properties.RootElement);
        }
    }

    /// <summary>Reading a lone surrogate throws.</summary>
    private static void CheckText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    Assert.DoesNotContain('\0', member.Name);
                    CheckText(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    CheckText(item);
                }

                break;
            case JsonValueKind.String:
                Assert.DoesNotContain('\0', element.GetString()!);
                break;
        }
    }
}
