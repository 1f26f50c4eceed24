using System.Globalization;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>
/// Reads the values of a wireframe. Anybody can send one, so each value may be missing or of any type.
/// </summary>
internal static class WireframeJson
{
    /// <summary>The most pixels of a length or a position. Larger ones are cut.</summary>
    public const double MaxPixels = 20_000;

    private const int MaxNumberLength = 32;

    /// <summary>A member of an object; undefined when it is missing or <paramref name="from"/> is no object.</summary>
    public static JsonElement Get(this JsonElement from, ReadOnlySpan<byte> name)
    {
        try
        {
            return from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out JsonElement found) ? found : default;
        }
        catch (InvalidOperationException)
        {
            // The name of another member has half of a surrogate pair.
            return default;
        }
    }

    /// <summary>The items of an array; none for anything else.</summary>
    public static JsonElement.ArrayEnumerator Items(this JsonElement of) => of.ValueKind == JsonValueKind.Array ? of.EnumerateArray() : default;

    /// <summary>A finite number, also from a text such as <c>12</c> or <c>12px</c>; null for anything else.</summary>
    public static double? Number(this JsonElement of)
    {
        double number;
        if (of.ValueKind == JsonValueKind.Number)
        {
            return of.TryGetDouble(out number) && double.IsFinite(number) ? number : null;
        }

        if (of.Text() is not { Length: <= MaxNumberLength } text)
        {
            return null;
        }

        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        digits = digits.EndsWith("px", StringComparison.OrdinalIgnoreCase) ? digits[..^2] : digits;
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number)
            ? number
            : null;
    }

    /// <summary>A position in pixels, within what browsers can show; null when it is no number.</summary>
    public static double? Pixels(this JsonElement of) =>
        of.Number() is { } number ? Math.Clamp(Math.Round(number, 2), -MaxPixels, MaxPixels) : null;

    /// <summary>A length in pixels, at least 0; null when it is no number or negative.</summary>
    public static double? Length(this JsonElement of) => of.Pixels() is >= 0 and var length ? length : null;

    /// <summary>A text; null for anything else, also for one with half of a surrogate pair.</summary>
    public static string? Text(this JsonElement of)
    {
        if (of.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return of.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A text, or a number or truth value as one; null for anything else and for an empty text.</summary>
    public static string? Shown(this JsonElement of) => of.ValueKind switch
    {
        JsonValueKind.String => of.Text() is { Length: > 0 } text ? text : null,
        JsonValueKind.Number => of.Number()?.ToString(CultureInfo.InvariantCulture),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    /// <summary>Whether a value says yes: <c>true</c>, <c>1</c> or a text of them.</summary>
    public static bool IsTrue(this JsonElement of) => of.Shown() is "true" or "1" or "TRUE" or "True";

    /// <summary>A number as CSS and rrweb write it.</summary>
    public static string Css(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
