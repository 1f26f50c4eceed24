using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sessions.Web.Api;

/// <summary>The result of an operation: a value, or the answer that explains why there is none.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public sealed class Outcome<T>
{
    private readonly T? _value;

    internal Outcome(T value) => _value = value;

    internal Outcome(ProblemHttpResult refusal) => Refusal = refusal;

    /// <summary>Why there is no value; null when there is one.</summary>
    public ProblemHttpResult? Refusal { get; }

    /// <summary>The refusal as a sentence for people; null when there is a value.</summary>
    public string? Fault => Refusal is null ? null : Refusal.ProblemDetails.Detail ?? Refusal.ProblemDetails.Title;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is no value.</exception>
    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"There is no value: {Fault}");

    /// <summary>The value, if there is one.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return Refusal is null;
    }

    /// <summary>The HTTP answer: the written value, or the refusal.</summary>
    /// <param name="write">Creates the answer from the value.</param>
    public IResult ToAnswer(Func<T, IResult> write) => Refusal is null ? write(_value!) : Refusal;
}
