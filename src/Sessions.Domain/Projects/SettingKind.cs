using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Sessions.Domain.Projects;

/// <summary>Records a field with an invalid value.</summary>
/// <param name="field">The field, such as <c>channel_rules[0].items</c>.</param>
/// <param name="message">What the value must be, as the rest of a sentence that begins with the field.</param>
public delegate void Refuse(string field, string message);

/// <summary>Reads settings of one type from JSON and from what users type, and writes them.</summary>
/// <typeparam name="T">The setting's type in .NET.</typeparam>
/// <param name="shape">The shape of such a setting in JSON.</param>
public abstract class SettingKind<T>(JsonShape shape)
{
    /// <summary>The shape of such a setting in JSON.</summary>
    public JsonShape Shape => shape;

    /// <summary>
    /// Reads a setting from JSON. If the value has the wrong type, calls <paramref name="refuse"/> and returns false.
    /// </summary>
    public abstract bool TryRead(JsonElement json, string field, Refuse refuse, [MaybeNullWhen(false)] out T value);

    /// <summary>
    /// Reads a setting from what a user typed. If the text is not valid, calls <paramref name="refuse"/> and returns
    /// false.
    /// </summary>
    public abstract bool TryParse(string typed, string field, Refuse refuse, [MaybeNullWhen(false)] out T value);

    /// <summary>Writes the value.</summary>
    public abstract void Write(Utf8JsonWriter json, T value);

    /// <summary>The setting as a user types it.</summary>
    public abstract string Format(T value);

    /// <summary>Refuses a field. Always returns false, so that the caller can return the result.</summary>
    protected static bool Wrong(Refuse refuse, string field, string message, [MaybeNullWhen(false)] out T value)
    {
        refuse(field, message);
        value = default;
        return false;
    }
}

/// <summary>A text.</summary>
internal sealed class TextKind() : SettingKind<string>(JsonShape.Text)
{
    public override bool TryRead(JsonElement json, string field, Refuse refuse, [MaybeNullWhen(false)] out string value)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            value = json.GetString()!;
            return true;
        }

        return Wrong(refuse, field, "must be a text", out value);
    }

    public override bool TryParse(string typed, string field, Refuse refuse, [MaybeNullWhen(false)] out string value)
    {
        value = typed;
        return true;
    }

    public override void Write(Utf8JsonWriter json, string value) => json.WriteStringValue(value);

    public override string Format(string value) => value;
}

/// <summary>A choice of values, each with its word. Letter case does not matter in the words.</summary>
internal sealed class ChoiceKind<T>(IReadOnlyList<(string Word, T Value)> choices)
    : SettingKind<T>(JsonShape.OneOf(choices.Select(choice => choice.Word)))
{
    /// <summary>The message for an invalid value, as the rest of a sentence that begins with the field.</summary>
    public string Expected { get; } = $"must be one of {string.Join(", ", choices.Select(choice => choice.Word))}";

    /// <summary>Whether a value is one of the choices.</summary>
    public bool Has(T value) => choices.Any(choice => EqualityComparer<T>.Default.Equals(choice.Value, value));

    public override bool TryRead(JsonElement json, string field, Refuse refuse, [MaybeNullWhen(false)] out T value) =>
        TryParse(json.ValueKind == JsonValueKind.String ? json.GetString()! : "", field, refuse, out value);

    public override bool TryParse(string typed, string field, Refuse refuse, [MaybeNullWhen(false)] out T value)
    {
        foreach ((string word, T meant) in choices)
        {
            if (string.Equals(word, typed, StringComparison.OrdinalIgnoreCase))
            {
                value = meant;
                return true;
            }
        }

        return Wrong(refuse, field, Expected, out value);
    }

    public override void Write(Utf8JsonWriter json, T value) => json.WriteStringValue(Format(value));

    public override string Format(T value) =>
        choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word;
}

/// <summary>True or false.</summary>
internal sealed class YesNoKind() : SettingKind<bool>(JsonShape.YesNo)
{
    public override bool TryRead(JsonElement json, string field, Refuse refuse, out bool value)
    {
        if (json.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            value = json.GetBoolean();
            return true;
        }

        return Wrong(refuse, field, "must be true or false", out value);
    }

    public override bool TryParse(string typed, string field, Refuse refuse, out bool value)
    {
        value = typed == "true";
        return true;
    }

    public override void Write(Utf8JsonWriter json, bool value) => json.WriteBooleanValue(value);

    public override string Format(bool value) => value ? "true" : "false";
}

/// <summary>A setting that is a number in JSON.</summary>
/// <param name="isWhole">Whether it must be a whole number.</param>
/// <param name="toValue">Converts a number to the setting's value.</param>
/// <param name="toNumber">Converts the setting's value to a number; null is written as null.</param>
/// <param name="ofNull">The value for null and an empty field; null when these are invalid.</param>
/// <param name="typedUnit">The number in JSON that users type as 1: 60 for seconds that users type as minutes.</param>
internal sealed class NumberKind<T>(bool isWhole, Func<double, T> toValue, Func<T, double?> toNumber, T? ofNull = null, decimal typedUnit = 1)
    : SettingKind<T>((isWhole, ofNull) switch
    {
        (true, null) => JsonShape.Whole,
        (true, _) => JsonShape.Whole.OrNull(),
        (false, null) => JsonShape.Number,
        (false, _) => JsonShape.Number.OrNull(),
    })
    where T : struct
{
    public override bool TryRead(JsonElement json, string field, Refuse refuse, out T value)
    {
        if (json.ValueKind == JsonValueKind.Null && ofNull is { } given)
        {
            value = given;
            return true;
        }

        double? number = json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out double read) ? read : null;
        return TryTake(number, field, refuse, out value);
    }

    public override bool TryParse(string typed, string field, Refuse refuse, out T value)
    {
        if (typed.Length == 0 && ofNull is { } given)
        {
            value = given;
            return true;
        }

        // Parsed as decimal, because a decimal can't be infinity or NaN, which JSON can't express.
        double? number = decimal.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal read) ? InJson(read) : null;
        return TryTake(number, field, refuse, out value);
    }

    public override void Write(Utf8JsonWriter json, T value)
    {
        if (toNumber(value) is { } number)
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    public override string Format(T value) => toNumber(value) is not { } number ? ""
        : typedUnit == 1 ? number.ToString(CultureInfo.InvariantCulture)
        : ((decimal)number / typedUnit).ToString(isWhole ? "0.####" : "0.##############", CultureInfo.InvariantCulture);

    // A larger number than any setting allows may not fit when it is multiplied.
    private double InJson(decimal typed) => typedUnit == 1 || Math.Abs(typed) > 1e15m ? (double)typed
        : isWhole ? (double)Math.Round(typed * typedUnit)
        : (double)(typed * typedUnit);

    private bool TryTake(double? number, string field, Refuse refuse, out T value)
    {
        if (number is { } given && (!isWhole || given == Math.Floor(given)))
        {
            value = toValue(given);
            return true;
        }

        return Wrong(refuse, field, isWhole ? "must be a whole number" : "must be a number", out value);
    }
}
