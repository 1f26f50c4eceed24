using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>
/// The rrweb ids of a mobile recording. rrweb's ids are whole numbers that a browser can hold. They depend on nothing but the
/// wireframe, so two answers of the same recording agree, also when the second one continues the first.
/// </summary>
internal static class WireframeIds
{
    private const long MaxOwn = 1L << 52;
    private const long InnerFrom = MaxOwn;
    private const long MadeFrom = MaxOwn + (1L << 51);
    private const long InnerMask = (1L << 51) - 1;

    // Some values at the end are for the document.
    private const long MadeMask = (1L << 50) - 1;
    private const long Last = (1L << 53) - 1;

    public const long Document = Last;
    public const long Html = Last - 1;
    public const long Head = Last - 2;
    public const long Body = Last - 3;
    public const long Keyboard = Last - 4;
    public const long Doctype = Last - 5;

    /// <summary>
    /// The id of a wireframe: its own when it is a positive whole number, else one that is made from it. Null when it has
    /// none.
    /// </summary>
    public static long? Of(JsonElement id)
    {
        if (id.ValueKind == JsonValueKind.Number)
        {
            double? number = id.Number();
            return id.TryGetInt64(out long whole) ? OfWhole(whole)
                : number is > -MaxOwn and < MaxOwn && double.IsInteger(number.Value) ? OfWhole((long)number.Value)
                : Made(id.GetRawText());
        }

        return id.Text() is not { Length: > 0 } text ? null
            : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long digits) ? OfWhole(digits)
            : Made(text);
    }

    /// <summary>The id of a part of a wireframe's own content.</summary>
    public static long Inner(long wireframe, int part) => InnerFrom + (long)(Mix((ulong)wireframe, (ulong)part) & InnerMask);

    /// <summary>Another id for a wireframe that has none, or one that is taken.</summary>
    public static long Another(long of, int attempt) => MadeFrom + (long)(Mix((ulong)of, ~(ulong)attempt) & MadeMask);

    private static long OfWhole(long whole) => whole is > 0 and < MaxOwn ? whole : Another(whole, -1);

    private static long Made(string text)
    {
        // FNV-1a, because .NET's hash of a text differs from process to process.
        ulong hash = 14_695_981_039_346_656_037;
        foreach (byte one in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ one) * 1_099_511_628_211;
        }

        return Another((long)hash, -2);
    }

    private static ulong Mix(ulong one, ulong other)
    {
        ulong mixed = one + (other * 0x9E37_79B9_7F4A_7C15) + 0x632B_E59B_D9B4_E019;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}
